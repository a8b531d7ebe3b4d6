import { existsSync } from 'node:fs'
import { mkdir, readdir, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'

import type * as PGliteNamespace from '@electric-sql/pglite'

import { ConfigError } from '../../errors.ts'
import { badUrl } from '../database-url.ts'
import type { Database } from '../database.ts'
import { missingPeer } from '../missing-peer.ts'
import { SessionDatabase } from '../session-database.ts'
import { SessionLock } from '../session-lock.ts'
import { messageOf } from './driver-error.ts'
import { lockFolder } from './folder-lock.ts'
import type { PGliteClient } from './pglite-client.ts'
import { PGliteSession } from './pglite-session.ts'

type PGliteModule = typeof PGliteNamespace

/** PGlite asks for 128 MB of buffers, which it fills with zeros at every start. */
const FOLDER_SETTINGS = ['shared_buffers=16MB']

/** Smaller still, with settings that a data directory made elsewhere might not start with. */
const MEMORY_SETTINGS = [
  ...FOLDER_SETTINGS,
  'max_connections=4',
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_replication_slots=0',
  'autovacuum_worker_slots=1',
  'io_max_concurrency=1',
]

/**
 * A PGlite database that lives in memory until it is closed.
 *
 * @throws {ConfigError} `MISSING_PEER` when PGlite is not installed.
 */
export async function openMemory(): Promise<Database> {
  const client = await startPGlite(undefined, MEMORY_SETTINGS)
  return pgliteDatabase(client, 'pglite://memory', () => client.close())
}

/**
 * A PGlite database in a folder, which is created when missing.
 *
 * @param label - How to call it in messages.
 * @throws {ConfigError} `MISSING_PEER` when PGlite is not installed, `DATA_DIRECTORY_IN_USE` when some
 *   process has the folder open, `CONNECTION_FAILED` when it cannot be used.
 */
export async function openFolder(folder: string, label: string): Promise<Database> {
  const path = await makeFolder(folder)
  const lock = await lockFolder(path)
  try {
    if (lock.isUnfinished) await emptyFolder(path)
    if (!existsSync(join(path, 'PG_VERSION'))) {
      await assertEmpty(path, label)
      lock.fill()
    }
    const client = await startInFolder(path, label)
    lock.complete()
    return pgliteDatabase(client, label, async () => {
      await client.close()
      lock.release()
    })
  } catch (error) {
    lock.release()
    throw error
  }
}

/** A PGlite instance of the user's; stays open. */
export function openInstance(client: PGliteClient): Database {
  const label = client.dataDir ? `pglite:${client.dataDir}` : 'pglite://memory'
  return pgliteDatabase(client, label, async () => undefined)
}

function pgliteDatabase(client: PGliteClient, label: string, close: () => Promise<void>): Database {
  const lock = SessionLock.of(client)
  return new SessionDatabase({
    engine: 'pglite',
    capabilities: { concurrentSessions: false, cancel: false, exceptions: {} },
    label,
    async take(onRelease) {
      const release = await lock.acquire(label)
      try {
        await client.waitReady
      } catch (error) {
        release()
        throw error
      }
      return new PGliteSession(client, {
        label,
        hold: (work) => lock.hold(work),
        give() {
          onRelease()
          release()
        },
      })
    },
    close,
  })
}

async function startPGlite(
  dataDir: string | undefined,
  settings: readonly string[],
): Promise<PGliteClient> {
  const { PGlite } = await importPGlite()
  return PGlite.create({
    ...(dataDir !== undefined && { dataDir: `file://${dataDir}` }),
    startParams: [...PGlite.defaultStartParams, ...settings.flatMap((setting) => ['-c', setting])],
  })
}

async function startInFolder(path: string, label: string): Promise<PGliteClient> {
  try {
    return await startPGlite(path, FOLDER_SETTINGS)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw cannotOpen(label, error, `rm -r "${path}"   # and start with an empty database`)
  }
}

async function importPGlite(): Promise<PGliteModule> {
  try {
    return await import('@electric-sql/pglite')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes('@electric-sql/pglite')) throw error
    throw missingPeer(
      '@electric-sql/pglite',
      'the embedded database needs the package "@electric-sql/pglite"',
      error,
    )
  }
}

/** Creates the folder, and says where it really is: symbolic links would make two locks of one. */
async function makeFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true })
    return await realpath(folder)
  } catch (error) {
    throw cannotOpen(`pglite:${folder}`, error, 'use a folder you may write to')
  }
}

async function assertEmpty(path: string, label: string): Promise<void> {
  const [entry] = await readdir(path)
  if (entry === undefined) return
  throw badUrl(label, `the folder "${path}" holds other files ("${entry}")`, 'pglite:./.data/dev')
}

async function emptyFolder(path: string): Promise<void> {
  for (const entry of await readdir(path)) await rm(join(path, entry), { recursive: true })
}

function cannotOpen(label: string, error: unknown, fix: string): ConfigError {
  return new ConfigError('CONNECTION_FAILED', {
    what: `cannot open ${label}`,
    why: messageOf(error),
    fix,
    cause: error,
  })
}
