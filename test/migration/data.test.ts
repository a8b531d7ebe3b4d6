import { describe, expect, inject, onTestFinished, test } from 'vitest'

import { Migrator } from '../../src/migration/migrator.ts'
import { createProject } from './project.ts'
import { emptyDatabase, recorded, tables } from './test-database.ts'
import type { TestDatabase } from './test-database.ts'

function migratorOf(files: Readonly<Record<string, string>>, { options }: TestDatabase): Migrator {
  const { folder } = createProject(files)
  const migrator = new Migrator({ ...options, folder })
  onTestFinished(() => migrator.close())
  return migrator
}

const USERS = `export function up(builder) {
  builder.createTable('users', (table) => {
    table.identity('id').primary()
    table.text('name').unique()
    table.text('role').defaultTo('member')
    table.jsonb('meta').nullable()
    table.array('tags', 'text').defaultTo([])
  })
}`

describe.each(['postgres', 'pglite'] as const)('on %s', (engine) => {
  test('rows and schema in reading order, in one transaction', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': USERS,
        '2.mjs': `export async function up(builder, { db }) {
          const seen = []
          seen.push(await db.hasTable('users'), await db.hasTable('roles'))
          builder.createTable('roles', (table) => table.text('id').primary())
          seen.push(await builder.hasTable('roles'))
          seen.push(await db.insert('users', { name: 'ada', meta: { a: [1] }, tags: ['x', 'y'] }))
          seen.push((await db.insertMany('users', [{ name: 'bob', role: 'admin' }, { name: 'eve' }])).length)
          seen.push(await db.exists('users', { name: 'ada' }), await db.exists('users', { meta: { no: 1 } }))
          seen.push(await db.update('users', { role: 'admin' }, { name: ['ada', 'eve'] }))
          seen.push((await db.find('users', { role: 'admin' })).length, (await db.find('users')).length)
          seen.push((await db.findOne('users', { name: 'bob' })).id, await db.findOne('users', { name: 'x' }))
          seen.push(await db.delete('users', { meta: null, name: 'eve' }))
          seen.push(await db.query('SELECT name FROM users WHERE name = $1', ['ada']))
          await db.raw("INSERT INTO roles VALUES ('a?'); INSERT INTO roles VALUES ('$1')")
          builder.alterTable('roles', (table) => table.text('label').nullable())
          seen.push(await builder.hasColumn('roles', 'label'), await db.hasColumn('roles', 'other'))
          await db.insert('roles', { id: 'b', label: JSON.stringify(seen) })
        }
        export async function down(builder, { db }) {
          await db.delete('users', { name: ['ada', 'bob'] })
          builder.dropTable('roles')
        }`,
      },
      database,
    )
    await migrator.migrate()
    const [{ label } = { label: '' }] = await database.query<{ label: string }>(
      `SELECT label FROM roles WHERE id = 'b'`,
    )
    expect(JSON.parse(label)).toEqual([
      true,
      false,
      true,
      { id: '1', name: 'ada', role: 'member', meta: { a: [1] }, tags: ['x', 'y'] },
      2,
      true,
      false,
      2,
      3,
      3,
      '2',
      null,
      1,
      [{ name: 'ada' }],
      true,
      false,
    ])
    await migrator.down()
    expect(await tables(database)).toEqual(['users'])
    expect(await database.query('SELECT FROM users')).toHaveLength(0)
    expect(await recorded(database)).toEqual(['1'])
  })

  test('a failure in the middle leaves nothing', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': USERS,
        '2.mjs': `export async function up(builder, { db }) {
          await db.insert('users', { name: 'ada' })
          builder.createTable('roles', (table) => table.id())
          await db.insert('users', { name: 'ada' })
        }`,
      },
      database,
    )
    await expect(migrator.migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_STATEMENT_FAILED',
      sqlState: '23505',
      details: { migration: '2', source: expect.stringMatching(/2\.mjs:4$/) },
      note: expect.stringContaining('nothing was applied'),
    })
    expect(await tables(database)).toEqual(['users'])
    expect(await database.query('SELECT FROM users')).toHaveLength(0)
    expect(await recorded(database)).toEqual(['1'])
  })

  test('an error that is caught does not become a success', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': `export async function up(builder, { db }) {
          builder.createTable('a', (table) => table.id())
          await db.query('SELECT nothing').catch(() => undefined)
        }`,
      },
      database,
    )
    await expect(migrator.migrate()).rejects.toThrow('has caught the error of a statement')
    expect(await tables(database)).toEqual([])
    expect(await recorded(database)).toEqual([])
  })

  test('its transaction cannot be ended', async () => {
    const database = await emptyDatabase(engine)
    for (const sql of ['COMMIT', 'SELECT 1; COMMIT']) {
      const migrator = migratorOf(
        { '1.mjs': `export async function up(_, { db }) { await db.raw(${JSON.stringify(sql)}) }` },
        database,
      )
      await expect(migrator.migrate()).rejects.toMatchObject({
        code: 'FAASJS_PG_TRANSACTION_ENDED',
      })
    }
  })

  test('calls that are not awaited one by one keep their order', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': `export async function up(builder, { db }) {
          builder.createTable('a', (table) => table.integer('n'))
          const first = db.insert('a', { n: 1 })
          builder.alterTable('a', (table) => table.integer('m').defaultTo(5))
          await Promise.all([first, db.insert('a', { n: 2 })])
        }`,
      },
      database,
    )
    await migrator.migrate()
    expect(await database.query('SELECT n, m FROM a ORDER BY n')).toEqual([
      { n: 1, m: 5 },
      { n: 2, m: 5 },
    ])
  })

  test('a down is not derived from work on rows', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      { '1.mjs': `export async function up(_, { db }) { await db.query('SELECT 1') }` },
      database,
    )
    await migrator.migrate()
    await expect(migrator.down()).rejects.toThrow('its up works on rows')
    expect(await recorded(database)).toEqual(['1'])
  })

  test('outside a transaction', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': USERS,
        '2.mjs': `export const transaction = false
        export async function up(builder, { db }) {
          await db.insert('users', { name: 'ada' })
          builder.createIndex('users', 'role', { concurrently: true })
          builder.raw('VACUUM users; ANALYZE users')
        }
        export function down(builder) { builder.dropIndex('users', 'role', { concurrently: true }) }`,
        '3.mjs': `export const transaction = false
        export function up(builder) {
          builder.raw('CREATE TABLE stays ()').raw('SELECT nothing').raw('CREATE TABLE never ()')
        }`,
      },
      database,
    )
    await expect(migrator.migrate()).rejects.toMatchObject({
      details: { migration: '3', statement: 2 },
      note: expect.stringContaining('what ran before has stayed'),
    })
    expect(await recorded(database)).toEqual(['1', '2'])
    expect(await tables(database)).toEqual(['stays', 'users'])
    await migrator.down()
    expect(await recorded(database)).toEqual(['1'])
  })

  test('what needs no transaction says how to go without one', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': USERS,
        '2.mjs': `export function up(builder) { builder.createIndex('users', 'role', { concurrently: true }) }`,
      },
      database,
    )
    await expect(migrator.migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_NEEDS_NO_TRANSACTION',
      fix: expect.stringContaining('export const transaction = false'),
      details: { migration: '2' },
    })
    expect(await recorded(database)).toEqual(['1'])
  })

  test('types of keys are looked up in the migration', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': USERS,
        '2.mjs': `export function up(builder) {
          builder.createTable('posts', (table) => { table.id(); table.belongsTo('users') })
        }`,
      },
      database,
    )
    await migrator.migrate()
    expect(
      await database.query(
        `SELECT data_type AS type FROM information_schema.columns WHERE table_name = 'posts' AND column_name = 'user_id'`,
      ),
    ).toEqual([{ type: 'bigint' }])
    await migrator.down()
    expect(await tables(database)).toEqual(['users'])
  })

  test('a call that was not awaited comes too late, and harms nobody', async () => {
    const database = await emptyDatabase(engine)
    const late = `let late
      export const failure = () => late
      export async function up(builder, { db }) {
        USED
        late = new Promise((resolve) => setTimeout(resolve, 20)).then(() => db.insert('users', { name: 'late' }))
        late.catch(() => undefined)
      }`
    const migrator = migratorOf(
      {
        '1.mjs': USERS,
        '2.mjs': late.replace('USED', `await db.query('SELECT 1')`),
        '3.mjs': late.replace('USED', ''),
        '4.mjs': `import { failure as second } from './2.mjs'
          import { failure as third } from './3.mjs'
          export async function up(builder, { db }) {
            const failures = await Promise.allSettled([second(), third()])
            for (const { reason } of failures) await db.insert('users', { name: reason.code + Math.random() })
          }`,
      },
      database,
    )
    await migrator.migrate()
    const rows = await database.query<{ name: string }>('SELECT name FROM users')
    expect(rows.map(({ name }) => name.replace(/0\..*/, ''))).toEqual([
      'FAASJS_PG_ASYNC_BUILDER',
      'FAASJS_PG_ASYNC_BUILDER',
    ])
    expect(await recorded(database)).toEqual(['1', '2', '3', '4'])
  })

  test.for([
    ['a live migration', `await db.query('SELECT 1'); builder.raw('CREATE TABLE aa (); COMMIT')`],
    ['db.raw', `await db.raw('CREATE TABLE aa (); COMMIT; BEGIN')`],
    ['a chain', `builder.raw('CREATE TABLE aa ()').raw('COMMIT AND CHAIN').raw('SELECT 1/0')`],
    ['a live chain', `await db.query('SELECT 1'); builder.raw('ROLLBACK AND CHAIN')`],
  ] as const)('its transaction cannot be ended by %s', async ([, body]) => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      { '1.mjs': `export async function up(builder, { db }) { ${body} }` },
      database,
    )
    await expect(migrator.migrate()).rejects.toMatchObject({ code: 'FAASJS_PG_TRANSACTION_ENDED' })
    expect(await tables(database)).toEqual([])
    expect(await recorded(database)).toEqual([])
  })

  test('functions with END in their body are no end of a transaction', async () => {
    const database = await emptyDatabase(engine)
    // Bodies that are no string have come with PostgreSQL 14.
    const body =
      engine === 'postgres' && inject('postgresMajor') < 14
        ? 'LANGUAGE sql AS $$ SELECT 1; $$'
        : 'BEGIN ATOMIC SELECT 1; END'
    const migrator = migratorOf(
      {
        '1.mjs': `export function up(builder) {
          builder.raw('CREATE FUNCTION f() RETURNS int ${body}', 'DROP FUNCTION f')
          builder.raw("DO $$ BEGIN PERFORM 1; END $$; SAVEPOINT a; ROLLBACK TO a", 'SELECT 1')
        }`,
      },
      database,
    )
    await migrator.migrate()
    await migrator.down()
    expect(await recorded(database)).toEqual([])
  })

  test('outside a transaction a failure says what has stayed', async () => {
    const database = await emptyDatabase(engine)
    const threw = migratorOf(
      {
        '1.mjs': `export const transaction = false
          export async function up(_, { db }) { await db.raw('CREATE TABLE aa ()'); throw new Error('mine') }`,
      },
      database,
    )
    await expect(threw.migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_MIGRATION_THREW',
      note: expect.stringContaining('what ran before has stayed'),
    })
    const unrecorded = migratorOf(
      {
        '2.mjs': `export const transaction = false
          export function up(builder) {
            builder.raw('CREATE TABLE bb ()').raw('ALTER TABLE faasjs_pg_migrations RENAME TO away')
          }`,
      },
      database,
    )
    await expect(unrecorded.migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_STATEMENT_FAILED',
      note: expect.stringContaining('what ran before has stayed'),
      sql: expect.stringContaining('INSERT INTO'),
    })
    const several = migratorOf(
      {
        '3.mjs': `export const transaction = false
          export function up(builder) { builder.raw('SELECT 1; SELECT nothing; SELECT 2') }`,
      },
      database,
    )
    await expect(several.migrate()).rejects.toMatchObject({
      sql: expect.stringMatching(/^SELECT nothing\n {7}\^$/),
    })
  })

  test('lists become JSON or arrays as the column has it', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': USERS,
        '2.mjs': `export async function up(_, { db }) {
          await db.insertMany('users', [
            { name: 'a', meta: [], tags: [] },
            { name: 'b', meta: [1, { a: ['x'] }], tags: ['t"', null] },
            { name: 'c', meta: undefined },
          ])
          await db.update('users', { meta: [2], name: undefined, role: 'x' }, { name: 'c' })
          await db.update('users', { role: 'none' }, { meta: [null] })
          await db.delete('users', { name: ['nobody', null] })
        }`,
      },
      database,
    )
    await migrator.migrate()
    expect(await database.query('SELECT name, role, meta, tags FROM users ORDER BY name')).toEqual([
      { name: 'a', role: 'member', meta: [], tags: [] },
      { name: 'b', role: 'member', meta: [1, { a: ['x'] }], tags: ['t"', null] },
      { name: 'c', role: 'x', meta: [2], tags: [] },
    ])
  })

  test('names and values cannot carry SQL', async () => {
    const database = await emptyDatabase(engine)
    const evil = `x"; DROP TABLE users; --`
    const migrator = migratorOf(
      {
        '1.mjs': USERS,
        '2.mjs': `export async function up(builder, { db }) {
          const evil = ${JSON.stringify(evil)}
          builder.createTable({ name: evil }, (table) => { table.text(evil) })
          await db.insert({ name: evil }, { [evil]: evil })
          const rows = await db.find({ name: evil }, { [evil]: evil })
          await db.insert('users', { name: rows[0][evil] })
        }`,
      },
      database,
    )
    await migrator.migrate()
    expect(await database.query('SELECT name FROM users')).toEqual([{ name: evil }])
  })

  test('a migration that works on rows is marked', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      { '1.mjs': USERS, '2.mjs': `export async function up(_, { db }) { await db.find('users') }` },
      database,
    )
    const { applied } = await migrator.migrate()
    expect(applied.map(({ dynamic }) => dynamic)).toEqual([undefined, true])
  })

  test('a concurrent index that failed is built anew in the next run', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': USERS,
        '2.mjs': `export async function up(_, { db }) {
          await db.insertMany('users', [{ name: 'a', role: 'same' }, { name: 'b', role: 'same' }])
        }`,
        '3.mjs': `export const transaction = false
          export function up(builder) {
            builder.createIndex('users', 'role', { unique: true, concurrently: true })
          }`,
      },
      database,
    )
    await expect(migrator.migrate()).rejects.toMatchObject({
      sqlState: '23505',
      note: expect.stringContaining('index "idx_users_role" may be there now, invalid'),
    })
    await database.query(`DELETE FROM users WHERE name = 'b'`)
    await migrator.migrate()
    expect(
      await database.query(
        `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'idx_users_role'::regclass`,
      ),
    ).toEqual([{ valid: true }])
  })
})
