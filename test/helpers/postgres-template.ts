import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chown, mkdir, rename, rm } from 'node:fs/promises'
import { promisify } from 'node:util'

import type { Binaries } from '../../src/testing/postgres/binaries.ts'
import type { ServerUser } from '../../src/testing/postgres/server-user.ts'
import { initdbOptions } from '../../src/testing/postgres/settings.ts'
import { publishOnce } from './postgres-binaries.ts'

const run = promisify(execFile)

/** The data directory of an empty cluster: made once per version, copied for each server. */
export async function emptyCluster(
  binaries: Binaries,
  user: ServerUser | undefined,
): Promise<string> {
  const options = initdbOptions(binaries)
  const key = createHash('sha256')
    .update(JSON.stringify([options, user]))
    .digest('hex')
    .slice(0, 8)
  return publishOnce(`cluster-${binaries.version}-${key}`, async (folder) => {
    await mkdir(folder, { mode: 0o700 })
    if (user) await chown(folder, user.uid, user.gid)
    await run(binaries.initdb, [...options, `--pgdata=${folder}`], {
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
