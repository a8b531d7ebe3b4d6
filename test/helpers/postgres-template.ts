import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chown, mkdir, rename, rm } from 'node:fs/promises'
import { promisify } from 'node:util'

import type { Binaries } from '../../src/testing/postgres/binaries.ts'
import type { ServerUser } from '../../src/testing/postgres/server-user.ts'
import { publishOnce } from './postgres-binaries.ts'

const run = promisify(execFile)

const INITDB_OPTIONS = [
  '--username=postgres',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  // Only whoever may enter the folder of the socket gets in without a password.
  '--auth-local=trust',
  '--auth-host=scram-sha-256',
  '--no-sync',
  // 28 MB instead of 39, which is copied for each server.
  '--no-data-checksums',
  '--wal-segsize=1',
]

/** The data directory of an empty cluster: made once per version, copied for each server. */
export async function emptyCluster(
  binaries: Binaries,
  user: ServerUser | undefined,
): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([INITDB_OPTIONS, user]))
    .digest('hex')
    .slice(0, 8)
  return publishOnce(`cluster-${binaries.version}-${key}`, async (folder) => {
    await mkdir(folder, { mode: 0o700 })
    if (user) await chown(folder, user.uid, user.gid)
    await run(binaries.initdb, [...INITDB_OPTIONS, `--pgdata=${folder}`], {
      cwd: '/',
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      ...user,
    })
  })
}

/** Copies a cluster with its owners and modes. */
export async function copyCluster(from: string, to: string): Promise<void> {
  // cp takes a fraction of the time of fs.cp, which also would not keep the owner.
  await run('cp', ['-a', from, to])
}

/** Removes a cluster that does not start, so that the next server gets a new one. */
export async function discardCluster(folder: string): Promise<void> {
  const aside = `${folder}.discarded-${process.pid}`
  await rename(folder, aside).catch(() => undefined)
  await rm(aside, { recursive: true, force: true })
}
