import type { PGlite } from '@electric-sql/pglite'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'

import type { MigratorOptions } from '../../src/migration/migrator.ts'
import { emptyPGlite } from '../helpers/pglite.ts'
import { freshDatabase } from '../helpers/postgres.ts'

/** An empty database for one test. */
export interface TestDatabase {
  /** What the migrator is told of it. */
  readonly options: Pick<MigratorOptions, 'client' | 'url'>
  /** Looks into it past the migrator. */
  query<Row = Record<string, unknown>>(sql: string): Promise<Row[]>
}

/** Opens an empty database that is gone when the test ends. */
export function emptyDatabase(engine: 'postgres' | 'pglite'): Promise<TestDatabase> {
  return engine === 'postgres' ? onServer() : inProcess()
}

async function onServer(): Promise<TestDatabase> {
  const { url, drop } = await freshDatabase()
  onTestFinished(drop)
  const client = new Client(url)
  // The database is dropped under the connection when a test fails in the middle.
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return {
    options: { url },
    async query<Row>(sql: string) {
      const { rows } = await client.query(sql)
      return rows as Row[]
    },
  }
}

// Starting one takes seconds, emptying one takes milliseconds.
let shared: PGlite | undefined

async function inProcess(): Promise<TestDatabase> {
  shared ??= await emptyPGlite()
  const database = shared
  await database.exec('DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public')
  return {
    options: { client: database },
    async query<Row>(sql: string) {
      const { rows } = await database.query<Row>(sql)
      return rows
    },
  }
}

/** The tables of the public schema, without the history. */
export async function tables({ query }: TestDatabase): Promise<string[]> {
  const rows = await query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'faasjs_pg_migrations' ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}

/** The names in the history, in the order of recording; undefined when there is no table. */
export async function recorded({ query }: TestDatabase): Promise<string[] | undefined> {
  const [found] = await query<{ exists: boolean }>(
    `SELECT to_regclass('public.faasjs_pg_migrations') IS NOT NULL AS exists`,
  )
  if (!found?.exists) return undefined
  const rows = await query<{ name: string }>(
    'SELECT name FROM public.faasjs_pg_migrations ORDER BY migration_time',
  )
  return rows.map(({ name }) => name)
}
