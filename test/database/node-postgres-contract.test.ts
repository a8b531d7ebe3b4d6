import { Client, Pool } from 'pg'
import { afterAll, beforeAll, inject, onTestFinished } from 'vitest'

import { openDatabase } from '../../src/database/open.ts'
import { freshDatabase } from '../helpers/postgres.ts'
import type { FreshDatabase } from '../helpers/postgres.ts'
import { testDatabase } from './contract.ts'

let server: FreshDatabase

beforeAll(async () => {
  server = await freshDatabase()
})

afterAll(() => server.drop())

/** The database of this file, emptied. */
async function emptied(): Promise<string> {
  const client = new Client(server.url)
  await client.connect()
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  await client.end()
  return server.url
}

testDatabase(`PostgreSQL ${inject('postgresMajor')} by URL`, async () =>
  openDatabase(await emptied()),
)

testDatabase(`PostgreSQL ${inject('postgresMajor')} by a Pool`, async () => {
  const pool = new Pool({ connectionString: await emptied() })
  onTestFinished(() => pool.end())
  return openDatabase(pool)
})

testDatabase(`PostgreSQL ${inject('postgresMajor')} by a Client`, async () => {
  const client = new Client(await emptied())
  await client.connect()
  onTestFinished(() => client.end())
  return openDatabase(client)
})
