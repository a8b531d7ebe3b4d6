import type pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'

import { TestDatabaseError } from '../../../src/errors.ts'
import { createMemoryDatabase, type MemoryDatabase } from '../../../src/testing/index.ts'
import type { PgVitestOptions } from '../../../src/vitest/plugin-options.ts'
import { createPlugin } from '../../../src/vitest/plugin.ts'

const FIXTURES = 'test/testing/pg-mem/fixtures'

async function opened(name = 'app'): Promise<MemoryDatabase> {
  const database = await createMemoryDatabase({ migrations: `${FIXTURES}/${name}` })
  onTestFinished(() => database.close())
  return database
}

test('runs migrations of the builder, their rows and SQL files', async () => {
  const database = await opened()
  const pool = new (database.createPg<typeof pg>().Pool)()
  const { rows } = await pool.query(
    'INSERT INTO users (mail, role_id) VALUES ($1, $2), ($3, $2) RETURNING *',
    ['ada@example.test', 1, 'bob@example.test'],
  )
  expect(rows).toEqual([
    expect.objectContaining({
      mail: 'ada@example.test',
      role_id: 1,
      balance: '0.00',
      state: 'new',
      settings: null,
      created_at: expect.any(Date) as Date,
    }),
    expect.objectContaining({ mail: 'bob@example.test' }),
  ])
  const ids = rows.map((row: Record<string, unknown>) => row['id'])
  expect(new Set(ids).size).toBe(2)
  const roles = await pool.query('SELECT * FROM roles WHERE id = 1')
  expect(roles.rows).toEqual([{ id: 1, name: 'member', level: 1 }])
  await expect(pool.query(`UPDATE users SET state = 'gone'`)).rejects.toMatchObject({
    code: '22P02',
  })
  expect(database.notes).toEqual(['CONCURRENTLY makes no difference'])
})

test('a migration that is not emulated is named, with its line and the next engine', async () => {
  const error = await createMemoryDatabase({ migrations: `${FIXTURES}/broken` }).catch(
    (failure: unknown) => failure,
  )
  expect(error).toBeInstanceOf(TestDatabaseError)
  expect((error as Error).message).toMatchInlineSnapshot(`
    "FAASJS_PG_NOT_EMULATED  pg-mem cannot run migration "20260101000000000-create-trigger" at test/testing/pg-mem/fixtures/broken/20260101000000000-create-trigger.ts:7 as PostgreSQL does
      sql  ALTER TABLE users ENABLE ROW LEVEL SECURITY
      why  the parser of pg-mem does not know it, or it is not SQL
      fix  use the engine 'pglite', which is PostgreSQL: createTestDatabase() instead of createMemoryDatabase()
      note there is no database: not all migrations were applied"
  `)
})

test('a reset puts back rows, numbers and the schema', async () => {
  const database = await opened('empty')
  const client = new (database.createPg<typeof pg>().Client)()
  await client.query('CREATE TABLE t (id serial PRIMARY KEY, n integer)')
  const before = await database.snapshot()
  for (const n of [1, 2]) {
    const { rows } = await client.query('INSERT INTO t (n) VALUES ($1) RETURNING *', [n])
    expect(rows).toEqual([{ id: 1, n }])
    await client.query('ALTER TABLE t ADD COLUMN more text')
    await database.restore(before)
    expect((await client.query('SELECT * FROM t')).rows).toEqual([])
  }
  await before.release()
  await expect(database.restore(before)).rejects.toMatchObject({
    code: 'FAASJS_PG_SNAPSHOT_UNUSABLE',
  })
  await database.reset()
  await expect(client.query('SELECT * FROM t')).rejects.toMatchObject({ code: '42P01' })
})

test('two transactions at once are refused, and a reset ends the one there is', async () => {
  const database = await opened()
  const { Client } = database.createPg<typeof pg>()
  const [one, two] = [new Client(), new Client()]
  await one.query('BEGIN')
  await one.query(`INSERT INTO roles VALUES (2, 'admin', 1)`)
  await expect(two.query('SELECT * FROM roles')).rejects.toMatchObject({
    code: 'FAASJS_PG_NOT_EMULATED',
  })
  await expect(database.snapshot()).rejects.toMatchObject({
    code: 'FAASJS_PG_TEST_TRANSACTION_OPEN',
  })
  await database.reset()
  expect((await two.query('SELECT id FROM roles')).rows).toEqual([{ id: 1 }])
  await one.query('BEGIN')
  await one.end()
  expect((await two.query('SELECT id FROM roles')).rowCount).toBe(1)
})

test('clients have the calls of pg', async () => {
  const database = await opened()
  const { Client, Pool, types } = database.createPg<typeof pg>()
  const pool = new Pool()
  const client = await pool.connect()
  const array = await client.query({ text: 'SELECT name, 7 AS n FROM roles', rowMode: 'array' })
  expect(array.rows).toEqual([['member', 7]])
  expect(array.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([
    ['name', types.builtins.VARCHAR],
    ['n', types.builtins.INT4],
  ])
  client.release()
  const several = (await pool.query('SELECT 1 AS a; SELECT 2 AS b')) as unknown
  expect(several).toMatchObject([{ rows: [{ a: 1 }] }, { rows: [{ b: 2 }] }])
  const called = await new Promise((resolve) => {
    new Client().query('SELECT 1 AS one', (_: unknown, result: { rows: unknown[] }) =>
      resolve(result.rows),
    )
  })
  expect(called).toEqual([{ one: 1 }])
  await pool.end()
  await expect(pool.query('SELECT 1')).rejects.toThrow('after calling end')
  await database.close()
  await expect(new Client().query('SELECT 1')).rejects.toMatchObject({ code: '57P01' })
})

test('many rows keep their order, and long lists their depth', async () => {
  const database = await opened('empty')
  const client = new (database.createPg<typeof pg>().Client)()
  await client.query('CREATE TABLE t (n integer)')
  const numbers = Array.from({ length: 300 }, (_, index) => index)
  await client.query(`INSERT INTO t VALUES ${numbers.map((n) => `(${n})`).join(', ')}`)
  await client.query('UPDATE t SET n = n + 1000 WHERE n < 10')
  const { rows } = await client.query<{ n: number }>('SELECT n FROM t')
  expect(rows.map(({ n }) => n)).toEqual([
    ...numbers.slice(10),
    ...numbers.slice(0, 10).map((n) => n + 1000),
  ])
  const listed = await client.query(`SELECT n FROM t WHERE n IN (${numbers.join(', ')})`)
  expect(listed.rowCount).toBe(290)
})

test('the plugin says what to do instead', () => {
  const options = { engine: 'pg-mem' } as unknown as PgVitestOptions
  expect(() => createPlugin(options)).toThrow(
    expect.objectContaining({
      code: 'FAASJS_PG_ENGINE_CAPABILITY',
      fix: expect.stringContaining('createMemoryDatabase()') as string,
    }),
  )
})
