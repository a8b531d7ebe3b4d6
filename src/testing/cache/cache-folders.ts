import { existsSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'

/** Environment variable that names the folder of snapshots, for example one that CI keeps. */
const VARIABLE = 'FAASJS_PG_CACHE'
const NAME = 'faasjs-pg'

export interface CacheFolders {
  /** Of this checkout: where the databases of its migrations go. The first that can be written. */
  readonly project: readonly string[]
  /** Of this user on this machine: where what every project needs goes. */
  readonly machine: readonly string[]
}

/** Where snapshots are kept, best place first. None of the folders needs to exist. */
export function cacheFolders(root: string): CacheFolders {
  const machine = [machineFolder(), join(tmpdir(), `${NAME}-${userName()}`)]
  const chosen = process.env[VARIABLE]
  const project = chosen ? [chosen] : [projectFolder(root)].filter((folder) => folder !== undefined)
  return { project: [...project, ...machine], machine: [...machine, ...project] }
}

/** The first of the folders that can be made, for locks; undefined when there is none. */
export async function writableFolder(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const made = await mkdir(folder, { recursive: true }).then(
      () => true,
      () => false,
    )
    if (made) return folder
  }
  return undefined
}

/** In the nearest `node_modules`, where other tools keep their caches as well. */
function projectFolder(root: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    if (isFolder(modules)) return join(modules, '.cache', NAME)
    if (folder === dirname(folder)) return undefined
  }
}

function machineFolder(): string {
  const { env, platform } = process
  if (platform === 'win32' && env['LOCALAPPDATA']) return join(env['LOCALAPPDATA'], NAME, 'cache')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', NAME)
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), NAME)
}

// In a shared temporary folder, another user's files are none of ours.
function userName(): string {
  try {
    return String(userInfo().uid)
  } catch {
    return 'user'
  }
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
