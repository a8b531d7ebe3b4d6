import pg from 'pg'
import { onTestFinished } from 'vitest'

import type { LocalHost } from './helpers.ts'
import { RawClient } from './raw-client.ts'

/** A `pg` client that ends with the test. */
export async function connectTo(
  local: LocalHost,
  options: pg.ClientConfig = {},
): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: local.url, ...options })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** A raw client that is cut off after the test. */
export async function rawClientOf(
  local: LocalHost,
  parameters: Record<string, string> = {},
): Promise<RawClient> {
  const client = await RawClient.start(local.port, parameters)
  onTestFinished(() => void client.socket.destroy())
  return client
}

/** What a query says in its only column. */
export async function column(client: pg.Client, sql: string): Promise<unknown[]> {
  const { rows } = await client.query<Record<string, unknown>>(sql)
  return rows.map((row) => Object.values(row)[0])
}
