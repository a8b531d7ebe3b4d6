import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { openDatabase } from '../../src/database/open.ts'
import type { DatabaseTarget } from '../../src/database/open.ts'
import { StatementError } from '../../src/errors.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { emptyPGlite } from '../helpers/pglite.ts'
import { freshDatabase } from '../helpers/postgres.ts'

const engines = useEngines()

async function createTwice(target: DatabaseTarget): Promise<void> {
  const builder = new SchemaBuilder(target)
  await builder.createTable('a', (table) => table.id()).run()
  expect(builder.operations).toEqual([])
  await builder.run()
  await builder.createTable('b', (table) => table.id()).run()
}

const COUNT = `SELECT count(*)::int AS n FROM pg_class WHERE relname IN ('a', 'b')`

describe('targets', () => {
  test('a URL, whose connection is closed after each run', async () => {
    const { url, drop } = await freshDatabase()
    onTestFinished(drop)
    await createTwice(url)
    const client = new pg.Client(url)
    await client.connect()
    onTestFinished(() => client.end())
    expect((await client.query(COUNT)).rows).toEqual([{ n: 2 }])
    const others = await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    expect(others.rowCount).toBe(0)
  })

  test('a Pool and a Client, which stay open', async () => {
    const { url, drop } = await freshDatabase()
    onTestFinished(drop)
    const pool = new pg.Pool({ connectionString: url })
    await createTwice(pool)
    expect((await pool.query(COUNT)).rows).toEqual([{ n: 2 }])
    await pool.query('DROP TABLE a, b')
    const client = await pool.connect()
    await createTwice(client)
    expect((await client.query(COUNT)).rows).toEqual([{ n: 2 }])
    client.release()
    await pool.end()
  })

  test('a PGlite, which stays open', async () => {
    const pglite = await emptyPGlite()
    onTestFinished(() => pglite.close())
    expect(pglite).toBeInstanceOf(PGlite)
    await createTwice(pglite)
    expect((await pglite.query(COUNT)).rows).toEqual([{ n: 2 }])
  })

  test('none: its SQL can be said, and running says what is missing', async () => {
    const builder = new SchemaBuilder().dropTable('a')
    expect(builder.toSQL()).toEqual(['DROP TABLE "a"'])
    await expect(builder.run()).rejects.toMatchObject({ code: 'FAASJS_PG_NO_DATABASE' })
    expect(builder.operations).toHaveLength(1)
    await expect(new SchemaBuilder().run()).resolves.toBeUndefined()
  })

  test('one that is not there: the changes stay for the next try', async () => {
    const builder = new SchemaBuilder('postgres://u:secret@127.0.0.1:1/x').dropTable('a')
    const error: unknown = await builder.run().catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'FAASJS_PG_CONNECTION_FAILED' })
    expect(String(error) + JSON.stringify(error)).not.toContain('secret')
    expect(builder.operations).toHaveLength(1)
  })
})

test('hasColumn looks into the database', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run([
      'CREATE SCHEMA app',
      'CREATE TABLE app.users (id int, "NAME" text, gone int)',
      'ALTER TABLE app.users DROP COLUMN gone',
    ])
    const builder = new SchemaBuilder(database)
    expect(await builder.hasColumn('app.users', 'id')).toBe(true)
    expect(await builder.hasColumn('app.users', 'NAME')).toBe(true)
    for (const column of ['name', 'gone', '........pg.dropped.3........', 'ctid', `' OR true --`]) {
      expect(await builder.hasColumn('app.users', column)).toBe(false)
    }
    expect(await builder.hasColumn('nowhere', 'id')).toBe(false)
    await expect(builder.hasColumn('app.users', '')).rejects.toThrow('empty')
  }
  await expect(new SchemaBuilder().hasColumn('a', 'b')).rejects.toMatchObject({
    code: 'FAASJS_PG_NO_DATABASE',
  })
})

test('hasTable looks into the database', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run(['CREATE SCHEMA app', 'CREATE TABLE app."T""s" ()'])
    const builder = new SchemaBuilder(database)
    expect(await builder.hasTable({ schema: 'app', name: 'T"s' })).toBe(true)
    expect(await builder.hasTable('app.other')).toBe(false)
    expect(await builder.hasTable('nowhere.other')).toBe(false)
  }
  await expect(new SchemaBuilder().hasTable('a')).rejects.toMatchObject({
    code: 'FAASJS_PG_NO_DATABASE',
  })
})

test('a failed run changes nothing and leaves a clean builder', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    const builder = new SchemaBuilder(database)
    builder.createTable('a', (table) => table.id())
    builder.createTable('b', (table) => {
      table.uuid('c_id').references('c', 'id')
    })
    builder.createTable('never', (table) => table.id())
    const line = Number(/run\.test\.ts:(\d+)/.exec(new Error('here').stack ?? '')?.[1]) - 4
    const error: unknown = await builder.run().catch((caught: unknown) => caught)

    expect(error).toBeInstanceOf(StatementError)
    expect(error).toMatchObject({
      sqlState: '42P01',
      details: {
        statement: 2,
        statements: 3,
        operation: 'create table "b" (c_id)',
        source: `test/builder/run.test.ts:${line}`,
      },
      fix: "create the table first, builder.createTable('c', (table) => { table.id() }), or correct its name and schema",
      note: 'nothing was changed: the run was one transaction',
      cause: { code: '42P01', message: 'relation "c" does not exist' },
    })
    expect(String(error)).toContain('CONSTRAINT "b_c_id_fkey" FOREIGN KEY')
    expect((await database.query(`SELECT to_regclass('a') AS a`)).rows).toEqual([{ a: null }])
    expect(builder.operations).toEqual([])
    await builder.createTable('d', (table) => table.id()).run()
  }
})

test('the place that PostgreSQL names is marked', async () => {
  for (const database of engines.all()) {
    const builder = new SchemaBuilder(database).raw('SELECT 1').raw('SELECT 1,\n  nothing + 1')
    const error: unknown = await builder.run().catch((caught: unknown) => caught)
    expect(String(error)).toContain('         nothing + 1\n         ^\n')
  }
})

test('what fails at COMMIT is reported as such', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run([
      'CREATE TABLE p (id int PRIMARY KEY)',
      'CREATE TABLE c (id int REFERENCES p DEFERRABLE INITIALLY DEFERRED)',
    ])
    const builder = new SchemaBuilder(database).raw('INSERT INTO c VALUES (1)')
    await expect(builder.run()).rejects.toMatchObject({
      summary: 'COMMIT failed',
      sqlState: '23503',
    })
    expect((await database.query('SELECT FROM c')).rowCount).toBe(0)
  }
})

test('two builders on one database do not mix', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    const failing = new SchemaBuilder(database).raw('CREATE TABLE x ()').raw('SELECT nothing')
    const working = new SchemaBuilder(database).raw('CREATE TABLE y ()').raw('CREATE TABLE z ()')
    const [failed, worked] = await Promise.allSettled([failing.run(), working.run()])
    expect([failed.status, worked.status]).toEqual(['rejected', 'fulfilled'])
    const { rows } = await database.query(
      `SELECT relname FROM pg_class WHERE relname IN ('x', 'y', 'z') ORDER BY 1`,
    )
    expect(rows).toEqual([{ relname: 'y' }, { relname: 'z' }])
  }
})

test('openDatabase is what a builder takes, too', async () => {
  const database = await openDatabase('pglite:')
  await new SchemaBuilder(database).createTable('a', (table) => table.id()).run()
  expect((await database.query('SELECT FROM a')).rowCount).toBe(0)
  await database.close()
})
