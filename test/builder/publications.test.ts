import { afterEach, describe, expect, test } from 'vitest'

import type { PublicationChangeInput } from '../../src/builder/publications.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'

const engines = useEngines()

// No schema holds publications, so emptying a database leaves them.
afterEach(async () => {
  for (const database of engines.all()) {
    const { rows } = await database.query<{ drop: string }>(
      `SELECT format('DROP PUBLICATION %I', pubname) AS drop FROM pg_publication`,
    )
    await database.run(rows.map(({ drop }) => drop))
  }
})

const BEFORE = [
  'CREATE SCHEMA app',
  'CREATE TABLE app.users (id integer PRIMARY KEY, name text, active boolean)',
  'CREATE TABLE orders (id integer PRIMARY KEY)',
]

function check(
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
): Promise<string> {
  return checkSql(engines.all(), define, [...BEFORE, ...before])
}

test('createPublication', async () => {
  const said = await check((builder) => {
    builder.createPublication('nothing yet')
    builder.createPublication('everything', { allTables: true, publish: ['insert', 'truncate'] })
    builder.createPublication('parts', {
      tables: ['orders', { table: 'app.users', columns: ['id', 'active'], where: 'id > 5' }],
      publish: [],
      viaRoot: true,
    })
    builder.createPublication('of_schemas', {
      tables: [{ name: 'orders' }],
      schemas: ['app'],
      viaRoot: false,
    })
  })
  expect(said).toMatchInlineSnapshot(`
    "CREATE PUBLICATION "nothing yet";
    CREATE PUBLICATION "everything" FOR ALL TABLES WITH (publish = 'insert, truncate');
    CREATE PUBLICATION "parts" FOR TABLE "orders", "app"."users" ("id", "active") WHERE (id > 5) WITH (publish = '', publish_via_partition_root = TRUE);
    CREATE PUBLICATION "of_schemas" FOR TABLE "orders", TABLES IN SCHEMA "app" WITH (publish_via_partition_root = FALSE)"
  `)
})

describe('alterPublication', () => {
  test('add and drop', async () => {
    const said = await check(
      (builder) => {
        builder.alterPublication('changes', {
          add: { tables: ['orders', { table: 'app.users', columns: ['id'], where: 'id > 0' }] },
        })
        builder.alterPublication(
          'changes',
          { drop: { tables: ['app.users'] } },
          { was: { tables: [{ table: 'app.users', columns: ['id'], where: 'id > 0' }] } },
        )
        builder.alterPublication('changes', { add: { schemas: ['app'] } })
        builder.alterPublication('changes', { drop: { schemas: ['app'] } })
      },
      ['CREATE PUBLICATION changes'],
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER PUBLICATION "changes" ADD TABLE "orders", "app"."users" ("id") WHERE (id > 0);
      ALTER PUBLICATION "changes" DROP TABLE "app"."users";
      ALTER PUBLICATION "changes" ADD TABLES IN SCHEMA "app";
      ALTER PUBLICATION "changes" DROP TABLES IN SCHEMA "app""
    `)
  })

  test('set', async () => {
    const said = await check(
      (builder) => {
        builder.alterPublication('one', { set: { tables: ['orders'] } }, { was: {} })
        builder.alterPublication(
          'two',
          { set: { schemas: ['app'] } },
          { was: { tables: [{ table: 'app.users', where: 'active' }], schemas: ['public'] } },
        )
      },
      [
        'CREATE PUBLICATION one',
        `CREATE PUBLICATION two FOR TABLE app.users WHERE (active), TABLES IN SCHEMA public WITH (publish = 'insert')`,
      ],
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER PUBLICATION "one" SET TABLE "orders";
      ALTER PUBLICATION "two" SET TABLES IN SCHEMA "app""
    `)
  })

  test('settings', async () => {
    const said = await check(
      (builder) => {
        builder.alterPublication('one', { publish: ['delete'], viaRoot: true }, { was: {} })
        builder.alterPublication('two', { publish: [] }, { was: { publish: ['insert'] } })
        builder.alterPublication('two', { viaRoot: false }, { was: { viaRoot: true } })
      },
      [
        'CREATE PUBLICATION one',
        `CREATE PUBLICATION two WITH (publish = 'insert', publish_via_partition_root = true)`,
      ],
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER PUBLICATION "one" SET (publish = 'delete', publish_via_partition_root = TRUE);
      ALTER PUBLICATION "two" SET (publish = '');
      ALTER PUBLICATION "two" SET (publish_via_partition_root = FALSE)"
    `)
  })

  test.for<PublicationChangeInput>([
    { drop: { tables: ['orders'] } },
    { set: { tables: ['orders'] } },
    { publish: ['insert'] },
  ])('%j cannot be undone without the publication before it', (change) => {
    const builder = new SchemaBuilder().alterPublication('changes', change)
    expect(() => invertAll(builder.operations)).toThrow(IrreversibleError)
  })
})

test('dropPublication', async () => {
  const said = await check(
    (builder) => {
      builder.dropPublication('one', { was: { allTables: true } })
      builder.dropPublication('two', { was: { tables: ['orders'], publish: ['insert'] } })
    },
    [
      'CREATE PUBLICATION one FOR ALL TABLES',
      `CREATE PUBLICATION two FOR TABLE orders WITH (publish = 'insert')`,
    ],
  )
  expect(said).toMatchInlineSnapshot(`
    "DROP PUBLICATION "one";
    DROP PUBLICATION "two""
  `)
})

test('in words', () => {
  const builder = new SchemaBuilder()
    .createPublication('p')
    .alterPublication('p', { add: { tables: ['app.users'], schemas: ['s'] } })
    .alterPublication('p', { drop: { tables: ['app.users'] } })
    .alterPublication('p', { set: { schemas: ['a', 'b'] } })
    .alterPublication('p', { publish: [], viaRoot: true })
    .dropPublication('p')
  expect(builder.operations.map(inWords)).toMatchInlineSnapshot(`
    [
      "create publication "p"",
      "change publication "p": add table "app.users", tables in schema "s"",
      "change publication "p": drop table "app.users"",
      "change publication "p": publish tables in schema "a", tables in schema "b" only",
      "change publication "p": set publish, viaRoot",
      "drop publication "p"",
    ]
  `)
})

describe('bad calls', () => {
  test.for<[object, string]>([
    [{}, 'one change at a time'],
    [{ add: { tables: ['a'] }, drop: { tables: ['b'] } }, 'one change at a time'],
    [{ add: { tables: ['a'] }, publish: [] }, 'one change at a time'],
    [{ add: {} }, '{ add } of alterPublication() names nothing'],
    [{ set: { tables: [] } }, '{ set } of alterPublication() names nothing'],
    [{ publish: ['select'] }, '"select" is not a value of publish'],
    [{ add: { tables: [{ table: 'a', columns: [] }] } }, 'a list of columns is empty'],
    [{ add: { tables: [{ table: 'a', where: '' }] } }, 'where() needs an SQL expression'],
    [{ add: { schemas: [''] } }, 'non-empty'],
  ])('%j', ([change, message]) => {
    const builder = new SchemaBuilder()
    const call = (): unknown => builder.alterPublication('p', change)
    expect(failure(call)).toContain(message)
    expect(builder.operations).toEqual([])
  })

  test('all tables, and some', () => {
    const call = (): unknown =>
      new SchemaBuilder().createPublication('p', { allTables: true, schemas: ['a'] })
    expect(failure(call)).toContain('cannot name tables or schemas')
  })
})
