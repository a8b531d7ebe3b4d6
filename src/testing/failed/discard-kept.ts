import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { Client } from 'pg'

import { identifier } from '../../sql/identifier.ts'
import { parametersOf, withDatabase } from '../postgres/server-url.ts'
import { CLUSTER_PREFIX, listKept, readKept } from './kept-database.ts'

// Milliseconds: a server that has gone must not hold anybody up.
const LONGEST_CONNECT = 5000

/**
 * Removes what is kept under a number, wherever that is.
 *
 * @returns false when its server could not be reached: the database stays there, and goes after two weeks.
 */
export async function discardKept(folder: string, number: number): Promise<boolean> {
  const kept = await readKept(folder, number)
  const place = kept?.place
  const isDropped = place?.kind === 'url' ? await dropDatabase(place.url) : true
  // A private server that still runs takes it along when it ends, unless it is gone by then.
  if (place?.kind === 'private') await dropDatabase(place.url)
  await rm(join(folder, String(number)), { recursive: true, force: true })
  await removeUnused(folder)
  return isDropped
}

/** Data directories of private servers that nothing refers to any more. */
async function removeUnused(folder: string): Promise<void> {
  const kept = [...(await listKept(folder)).values()]
  const used = new Set(kept.map(({ place }) => (place.kind === 'private' ? place.cluster : '')))
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(CLUSTER_PREFIX) || used.has(name)) continue
    await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** From the database that every server has. */
async function dropDatabase(url: string): Promise<boolean> {
  const { database } = parametersOf(url)
  const client = new Client({
    connectionString: withDatabase(url, 'postgres'),
    connectionTimeoutMillis: LONGEST_CONNECT,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(`DROP DATABASE IF EXISTS ${identifier(database)} WITH (FORCE)`)
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
