import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from 'pg'
import { inject } from 'vitest'

import { createDatabase, randomDatabaseName } from './postgres-server.ts'

export { copyStrategy, startPostgres, type PostgresServer } from './postgres-server.ts'

/** An empty database on the server of the test run. */
export interface FreshDatabase {
  /** TCP, with password, role `postgres` (superuser). */
  readonly url: string
  /** Removes the database, whoever is connected. Safe to call twice. */
  drop(): Promise<void>
}

/**
 * Creates an empty database on the server that the test run has started (about 30 ms).
 *
 * @example
 * const { url, drop } = await freshDatabase()
 * onTestFinished(drop)
 */
export async function freshDatabase(): Promise<FreshDatabase> {
  const adminUrl = inject('postgresAdminUrl')
  const name = randomDatabaseName()
  await createDatabase(adminUrl, name)
  const url = new URL(adminUrl)
  url.pathname = name
  return {
    url: url.href,
    async drop() {
      const admin = new Client(adminUrl)
      await admin.connect()
      await waitUntilUnused(admin, name)
      await admin.query(`DROP DATABASE IF EXISTS ${admin.escapeIdentifier(name)} WITH (FORCE)`)
      await admin.end()
    },
  }
}

/** Gives connections that are just closing a second to do so, rather than break them off. */
async function waitUntilUnused(admin: Client, name: string): Promise<void> {
  const deadline = Date.now() + 1000
  const users = 'SELECT 1 FROM pg_stat_activity WHERE datname = $1 LIMIT 1'
  while ((await admin.query(users, [name])).rowCount && Date.now() < deadline) await sleep(10)
}
