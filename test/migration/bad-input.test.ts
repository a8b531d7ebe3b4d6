import { describe, expect, onTestFinished, test } from 'vitest'

import { FaasPgError } from '../../src/errors.ts'
import { Migrator } from '../../src/migration/migrator.ts'
import { createProject } from './project.ts'
import { emptyDatabase, recorded, tables } from './test-database.ts'
import type { TestDatabase } from './test-database.ts'

/** What is there before: one table with a row, one type. */
const FIRST = `export async function up(builder, { db }) {
  builder.createType('mood', ['sad'])
  builder.createTable('users', (table) => {
    table.identity('id').primary()
    table.text('name')
    table.specificType('mood', 'mood').nullable()
  })
  await db.insert('users', { name: 'ada' })
}
export const down = false`

const NOTHING = expect.stringMatching(/^nothing (was|of it was) applied/) as unknown

function migratorOf(files: Readonly<Record<string, string>>, database: TestDatabase): Migrator {
  const project = createProject(files)
  const migrator = new Migrator({ ...database.options, folder: project.folder })
  onTestFinished(() => migrator.close())
  return migrator
}

describe.each(['postgres', 'pglite'] as const)('on %s', (engine) => {
  /**
   * Applies FIRST, and gives what runs an `up` after it. Its line 1 creates a table; it has to fail and
   * leave nothing.
   */
  async function prepared(): Promise<(...lines: readonly string[]) => Promise<FaasPgError>> {
    const database = await emptyDatabase(engine)
    await migratorOf({ '1.mjs': FIRST }, database).migrate()
    const rows = await database.query('SELECT * FROM users')
    return async (...lines) => {
      const up = `export async function up(builder, { db }) { builder.createTable('half', (table) => table.id())\n${lines.join('\n')}\n}`
      const migrator = migratorOf({ '1.mjs': FIRST, '2.mjs': up }, database)
      const error: unknown = await migrator.migrate().catch((thrown: unknown) => thrown)
      expect(error, lines.join('\n')).toBeInstanceOf(FaasPgError)
      expect(await tables(database)).toEqual(['users'])
      expect(await recorded(database)).toEqual(['1'])
      expect(await database.query('SELECT * FROM users')).toEqual(rows)
      return error as FaasPgError
    }
  }

  const failedAt = (line: number): unknown =>
    expect.stringMatching(new RegExp(`^migration "2" failed at .*/2\\.mjs:${line}$`))
  const threwAt = (line: number): unknown =>
    expect.stringMatching(new RegExp(`^migration "2" threw in up at .*/2\\.mjs:${line}$`))

  test('rows for COPY FROM STDIN, which nobody sends', async () => {
    const refused = await prepared()
    const error = await refused(`builder.raw('COPY users (name) FROM STDIN')`)
    expect(error).toMatchObject({
      code: 'FAASJS_PG_STATEMENT_FAILED',
      summary: failedAt(2),
      sql: 'COPY users (name) FROM STDIN',
      why: expect.stringMatching(/COPY FROM STDIN/i) as unknown,
      note: NOTHING,
    })
  })

  test('unknown table in alterTable at run time', async () => {
    const refused = await prepared()
    const error = await refused(
      `builder.alterTable('ghosts', (table) => {`,
      `table.text('name')`,
      `})`,
    )
    expect(error).toMatchObject({
      summary: failedAt(3),
      sql: `ALTER TABLE "ghosts" ADD COLUMN "name" text NOT NULL`,
      why: 'relation "ghosts" does not exist (SQLSTATE 42P01)',
      fix: `create the table first, builder.createTable('ghosts', (table) => { table.id() }), or correct its name and schema`,
      note: NOTHING,
      details: { migration: '2', statement: 2, sqlState: '42P01' },
    })
  })

  test.for([
    [
      'column',
      `table.text('same'); table.integer('same')`,
      'remove one of the two, or give it another name',
    ],
    [
      'constraint',
      `table.check('same', 'true'); table.unique('id', { name: 'same' })`,
      'remove one of the two, or name one with { name }',
    ],
    [
      'index',
      `table.text('a'); table.index('a')\ntable.index('a', { unique: true })`,
      'remove one of the two, or name one with { name }',
    ],
  ] as const)('duplicate %s in one callback', async ([what, calls, fix]) => {
    const refused = await prepared()
    for (const head of [
      `builder.createTable('b', (table) => { table.identity('id')`,
      `builder.alterTable('users', (table) => {`,
    ]) {
      const error = await refused(`${head}\n${calls} })`)
      expect(error).toMatchObject({
        code: 'FAASJS_PG_MIGRATION_THREW',
        summary: threwAt(what === 'index' ? 4 : 3),
        why: expect.stringMatching(
          new RegExp(`^${what} "(same|idx_\\w+_a)" is added twice to table "(b|users)"$`),
        ),
        fix,
        note: NOTHING,
      })
    }
  })

  test('empty table', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': `export async function up(builder, { db }) {
          builder.createTable('nothing', () => {})
          await db.raw('INSERT INTO nothing DEFAULT VALUES')
        }
        export function down(builder) { builder.dropTable('nothing') }`,
        '2.mjs': `export function up(builder) { builder.createTable('blank', () => {}) }`,
      },
      database,
    )
    await migrator.migrate()
    expect(await database.query('SELECT count(*)::integer AS rows FROM nothing')).toEqual([
      { rows: 1 },
    ])
    await migrator.down()
    expect(await tables(database)).toEqual(['nothing'])
  })

  test('empty table: a call without a description', async () => {
    const refused = await prepared()
    const error = await refused(`builder.createTable('b')`)
    expect(error).toMatchObject({
      summary: threwAt(2),
      why: 'createTable("b") has no description',
      fix: "describe it: createTable('b', (table) => { table.id() })",
    })
  })

  test.for([
    [
      'of 64 bytes',
      'x'.repeat(64),
      /is too long\nit has 64 bytes, and PostgreSQL keeps 63$/,
      'shorten it to at most 63 bytes',
    ],
    [
      'of 64 bytes in emoji',
      '🙂'.repeat(16),
      /is too long\nit has 64 bytes/,
      'shorten it to at most 63 bytes',
    ],
    [
      'that is empty',
      '',
      /^a name must be a non-empty string, got ""$/,
      'pass the name of a table, column, index or constraint',
    ],
    [
      'with NUL',
      'a\0b',
      /holds a character that PostgreSQL cannot store\nit has a NUL character$/,
      'remove that character',
    ],
  ] as const)('identifier %s', async ([, name, why, fix]) => {
    const refused = await prepared()
    const bad = JSON.stringify(name)
    for (const call of [
      `builder.createTable(${bad}, (table) => table.id())`,
      `builder.createTable({ schema: ${bad}, name: 'b' }, (table) => table.id())`,
      `builder.alterTable('users', (table) => table.text(${bad}).nullable())`,
      `builder.createIndex('users', 'name', { name: ${bad} })`,
      `builder.addCheck('users', ${bad}, 'true')`,
      `builder.renameColumn('users', 'name', ${bad})`,
      `builder.createType(${bad}, ['a'])`,
      `await db.find(${bad})`,
      `await db.insert('users', { [${bad}]: 1 })`,
    ]) {
      const error = await refused(call)
      expect(error, call).toMatchObject({
        summary: threwAt(2),
        why: expect.stringMatching(why),
        fix,
        details: { migration: '2', code: 'FAASJS_PG_BAD_IDENTIFIER' },
        note: NOTHING,
      })
    }
  })

  test.for([
    ['of 63 bytes', 'x'.repeat(63)],
    ['with quotes', `it's "so"`],
    ['with dots', 'a.b.c'],
    ['with emoji', '🙂 👩‍👩‍👧'],
    ['with what looks like SQL', `x"; DROP TABLE users; --`],
  ] as const)('identifier %s stays as it is', async ([, name]) => {
    const database = await emptyDatabase(engine)
    const given = JSON.stringify(name)
    const migrator = migratorOf(
      {
        '1.mjs': FIRST,
        '2.mjs': `export function up(builder) {
          builder.createTable({ name: ${given} }, (table) => {
            table.text(${given}).defaultTo(${given}).comment(${given})
            table.check(${given}, 'true')
            table.index(${given}, { name: 'i' })
          })
          builder.renameIndex({ name: ${given} }, 'i', ${JSON.stringify(`i${name}`.slice(0, 60))})
          builder.alterTable('users', (table) => table.text(${given}).nullable())
        }`,
      },
      database,
    )
    await migrator.migrate()
    expect(await tables(database)).toEqual([name, 'users'].toSorted((a, b) => (a < b ? -1 : 1)))
    const columns = await database.query(
      `SELECT attrelid = 'users'::regclass AS "onUsers" FROM pg_attribute
       WHERE attname = ${quoted(name)} ORDER BY 1`,
    )
    expect(columns).toEqual([{ onUsers: false }, { onUsers: false }, { onUsers: true }])
    await migrator.down()
    expect(await tables(database)).toEqual(['users'])
  })

  test('identifier with a dot means a schema, which has to be there', async () => {
    const refused = await prepared()
    const error = await refused(`builder.createTable('a.b', (table) => table.id())`)
    expect(error).toMatchObject({
      summary: failedAt(2),
      why: expect.stringMatching(/^schema "a" does not exist \(SQLSTATE 3F000\)/),
      fix: 'create the schema first: builder.createSchema(…), or correct its name',
    })
  })

  test.for([
    ['text on an integer', `table.integer('a').defaultTo('abc')`, '22P02'],
    ['a boolean on an integer', `table.integer('a').defaultTo(true)`, '42804'],
    ['text on a date', `table.date('a').defaultTo('soon')`, '22007'],
    ['a day that is none', `table.date('a').defaultTo('2026-02-30')`, '22008'],
    [
      'a value that the enum has not got',
      `table.specificType('a', 'mood').defaultTo('glad')`,
      '22P02',
    ],
  ] as const)('default of the wrong type: %s', async ([, column, sqlState]) => {
    const refused = await prepared()
    const report = {
      why: expect.stringContaining(`(SQLSTATE ${sqlState})`),
      fix: 'correct what the message names: a default is a value that the type can hold, .defaultTo(0), or an expression, .defaultTo(sql`…`)',
      note: NOTHING,
      details: { migration: '2', statement: 2, sqlState },
    }
    expect(await refused(`builder.createTable('b', (table) => { ${column} })`)).toMatchObject({
      ...report,
      summary: failedAt(2),
      sql: expect.stringContaining('CREATE TABLE "b"'),
    })
    expect(
      await refused('', `builder.alterTable('users', (table) => { ${column} })`),
    ).toMatchObject({
      ...report,
      summary: failedAt(3),
      sql: expect.stringContaining('ALTER TABLE "users" ADD COLUMN "a"'),
    })
  })

  test.for([
    [
      'an expression in quotes',
      `table.uuid('a').defaultTo('gen_random_uuid()')`,
      'write defaultTo(sql`gen_random_uuid()`)',
    ],
    [
      'a moment that would freeze',
      `table.timestamptz('a').defaultTo('now')`,
      "write defaultTo('now()')",
    ],
    [
      'a list on a number',
      `table.integer('a').defaultTo([1])`,
      'make the column an array or jsonb',
    ],
  ] as const)('default of the wrong type: %s, refused where it stands', async ([, column, fix]) => {
    const refused = await prepared()
    const error = await refused(`builder.createTable('b', (table) => { ${column} })`)
    expect(error).toMatchObject({
      summary: threwAt(2),
      fix: expect.stringContaining(fix),
      details: { code: 'FAASJS_PG_BAD_VALUE' },
    })
  })

  test('foreign key to a missing table', async () => {
    const refused = await prepared()
    const missing = {
      why: 'relation "ghosts" does not exist (SQLSTATE 42P01)',
      fix: `create the table first, builder.createTable('ghosts', (table) => { table.id() }), or correct its name and schema`,
      note: NOTHING,
    }
    expect(
      await refused(
        `builder.createTable('b', (table) => {`,
        `table.integer('ghost_id').references('ghosts', 'id')`,
        `})`,
      ),
    ).toMatchObject({ ...missing, summary: failedAt(2) })
    expect(
      await refused(`builder.addForeignKey('users', 'id', { table: 'ghosts' })`),
    ).toMatchObject({ ...missing, summary: failedAt(2) })
    expect(
      await refused(`builder.createTable('b', (table) => table.belongsTo('ghosts'))`),
    ).toMatchObject({
      code: 'FAASJS_PG_UNKNOWN_TYPE',
      summary: expect.stringMatching(
        /^migration "2" failed at .*\/2\.mjs:2: column "ghost_id" has no type$/,
      ),
      why: 'it would be that of "ghosts"."id", which is not there',
      fix: "create the referenced table first, or give the type: { type: 'uuid' }",
      note: NOTHING,
    })
  })

  test('foreign key to a column that is missing, or not unique', async () => {
    const refused = await prepared()
    expect(
      await refused(`builder.addForeignKey('users', 'id', { table: 'users', column: 'ghost' })`),
    ).toMatchObject({
      summary: failedAt(2),
      why: expect.stringContaining('(SQLSTATE 42703)'),
      fix: 'correct the name of the column, or add the column first',
    })
    expect(
      await refused(`builder.addForeignKey('users', 'name', { table: 'users', column: 'name' })`),
    ).toMatchObject({
      summary: failedAt(2),
      why: expect.stringContaining('(SQLSTATE 42830)'),
      fix: 'give the referenced columns a unique constraint or a primary key first',
    })
  })

  test('enum value added and used in one transaction', async () => {
    const refused = await prepared()
    const error = await refused(
      `builder.addTypeValue('mood', 'glad')`,
      `await db.update('users', { mood: 'glad' }, { name: 'ada' })`,
    )
    expect(error).toMatchObject({
      summary: failedAt(3),
      sql: `UPDATE "users" SET "mood" = $1 WHERE "name" = $2`,
      why: expect.stringContaining('(SQLSTATE 55P04)'),
      fix: 'use the new value in a later migration: PostgreSQL needs the addition committed first',
      note: NOTHING,
    })
    const inDefault = await refused(
      `builder.addTypeValue('mood', 'glad').setDefault('users', 'mood', 'glad')`,
    )
    expect(inDefault).toMatchObject({ summary: failedAt(2), details: { sqlState: '55P04' } })
  })

  test('enum value added in one migration and used in the next', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': FIRST,
        '2.mjs': `export function up(builder) { builder.addTypeValue('mood', 'glad') }`,
        '3.mjs': `export async function up(_, { db }) { await db.update('users', { mood: 'glad' }, { name: 'ada' }) }`,
      },
      database,
    )
    await migrator.migrate()
    expect(await database.query('SELECT mood FROM users')).toEqual([{ mood: 'glad' }])
  })

  test('dropColumn then re-add in one callback', async () => {
    const database = await emptyDatabase(engine)
    const migrator = migratorOf(
      {
        '1.mjs': FIRST,
        '2.mjs': `export function up(builder) {
          builder.alterTable('users', (table) => {
            table.dropColumn('name', { was: (table) => table.text('name').defaultTo('nobody') })
            table.integer('name').defaultTo(7)
          })
        }`,
      },
      database,
    )
    await migrator.migrate()
    expect(await database.query('SELECT name FROM users')).toEqual([{ name: 7 }])
    await migrator.down()
    expect(await database.query('SELECT name FROM users')).toEqual([{ name: 'nobody' }])
  })

  test('circular foreign keys in one file', async () => {
    const database = await emptyDatabase(engine)
    const table = (name: string, next: string): string =>
      `builder.createTable('${name}', (table) => { table.identity('id').primary(); table.belongsTo('${next}', { as: 'next', nullable: true }) })\n`
    const migrator = migratorOf(
      {
        '1.mjs': FIRST,
        '2.mjs': `export function up(builder) {
          ${table('a', 'b')}${table('b', 'c')}${table('c', 'a')}${table('self', 'self')}
        }`,
      },
      database,
    )
    await migrator.migrate()
    const keys = await database.query<{ key: string }>(
      `SELECT conrelid::regclass || ' → ' || confrelid::regclass AS key FROM pg_constraint
       WHERE contype = 'f' ORDER BY 1`,
    )
    expect(keys.map(({ key }) => key)).toEqual(['a → b', 'b → c', 'c → a', 'self → self'])
    await migrator.down()
    expect(await tables(database)).toEqual(['users'])
  })

  test('two files creating the same table', async () => {
    const database = await emptyDatabase(engine)
    const create = (column: string): string =>
      `export function up(builder) {
  builder.createTable('half', (table) => table.id())
  builder.createTable('teams', (table) => table.text('${column}'))
}`
    const migrator = migratorOf(
      {
        '1.mjs': FIRST,
        '2.mjs': create('first').replace(/^.*'half'.*\n/m, ''),
        '3.mjs': create('second'),
        '4.mjs': `export function up(builder) { builder.createTable('later', (table) => table.id()) }`,
      },
      database,
    )
    const error: unknown = await migrator.migrate().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'FAASJS_PG_STATEMENT_FAILED',
      summary: expect.stringMatching(/^migration "3" failed at .*\/3\.mjs:3$/),
      sql: expect.stringContaining('CREATE TABLE "teams"'),
      why: 'relation "teams" already exists (SQLSTATE 42P07)',
      fix: 'it is there already: remove this call, use another name, or change what is there: builder.alterTable("teams", (table) => { … })',
      note: 'nothing was applied: the migration ran in one transaction\n2 migrations before it stay applied, the last of them "2"',
      details: { migration: '3', statement: 2, sqlState: '42P07' },
    })
    expect(await tables(database)).toEqual(['teams', 'users'])
    expect(await recorded(database)).toEqual(['1', '2'])
    expect(await database.query('SELECT "first" FROM teams')).toEqual([])
  })

  describe('db.find with an injection attempt', () => {
    const EVIL = `users" WHERE true; DROP TABLE users; --`

    test('in table', async () => {
      const refused = await prepared()
      const error = await refused(`await db.find(${JSON.stringify({ name: EVIL })})`)
      expect(error).toMatchObject({
        summary: failedAt(2),
        sql: `SELECT * FROM "users"" WHERE true; DROP TABLE users; --"`,
        why: expect.stringContaining('(SQLSTATE 42P01)'),
        // What is in the message is no plain name, so it is not written into code.
        fix: 'create the table first, or correct its name and schema',
        note: NOTHING,
      })
      const asText = await refused(`await db.find(${JSON.stringify('users; DROP TABLE users')})`)
      expect(asText).toMatchObject({ sql: 'SELECT * FROM "users; DROP TABLE users"' })
    })

    test('in column', async () => {
      const refused = await prepared()
      const error = await refused(`await db.find('users', { ${JSON.stringify(EVIL)}: 1 })`)
      expect(error).toMatchObject({
        summary: failedAt(2),
        sql: `SELECT * FROM "users" WHERE "users"" WHERE true; DROP TABLE users; --" = $1`,
        why: expect.stringContaining('(SQLSTATE 42703)'),
        fix: 'correct the name of the column, or add the column first',
        note: NOTHING,
      })
    })

    test('in value', async () => {
      const database = await emptyDatabase(engine)
      const values = [
        `' OR true --`,
        `x'; DROP TABLE users; --`,
        String.raw`\'; DROP TABLE users; --`,
        '$1',
        '{ada}',
      ]
      const migrator = migratorOf(
        {
          '1.mjs': FIRST,
          '2.mjs': `export async function up(builder, { db }) {
            const found = []
            for (const value of ${JSON.stringify(values)}) {
              found.push(...(await db.find('users', { name: value })), ...(await db.find('users', { name: [value] })))
              if (await db.findOne('users', { name: value })) found.push(value)
              if (await db.exists('users', { name: value })) found.push(value)
            }
            await db.insertMany('users', found.map((one) => ({ name: 'found' })))
            await db.insertMany('users', ${JSON.stringify(values)}.map((name) => ({ name })))
            if ((await db.find('users', { name: ${JSON.stringify(values)} })).length !== ${values.length}) throw new Error('lost')
          }`,
        },
        database,
      )
      await migrator.migrate()
      const rows = await database.query<{ name: string }>('SELECT name FROM users ORDER BY id')
      expect(rows.map(({ name }) => name)).toEqual(['ada', ...values])
    })
  })
})

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
