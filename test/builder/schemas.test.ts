import { afterEach, describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'

const engines = useEngines()

test('createSchema', async () => {
  const said = await checkSql(engines.all(), (builder) => {
    builder.createSchema('tenant')
    builder.createSchema('with.dot', { authorization: 'CURRENT_USER' })
  })
  expect(said).toMatchInlineSnapshot(`
    "CREATE SCHEMA "tenant";
    CREATE SCHEMA "with.dot" AUTHORIZATION CURRENT_USER"
  `)
})

test('renameSchema', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) => {
      builder.renameSchema('tenant', 'customer')
    },
    ['CREATE SCHEMA tenant'],
  )
  expect(said).toMatchInlineSnapshot(`"ALTER SCHEMA "tenant" RENAME TO "customer""`)
})

describe('dropSchema', () => {
  test('restores what it was', async () => {
    const said = await checkSql(
      engines.all(),
      (builder) => {
        builder.dropSchema('tenant', { was: {} })
      },
      ['CREATE SCHEMA tenant'],
    )
    expect(said).toMatchInlineSnapshot(`"DROP SCHEMA "tenant""`)
  })

  test('cascade', async () => {
    const said = await checkSql(
      engines.all(),
      (builder) => {
        builder.dropSchema('tenant', { cascade: true })
      },
      ['CREATE SCHEMA tenant', 'CREATE TABLE tenant.users ()'],
    )
    expect(said).toMatchInlineSnapshot(`"DROP SCHEMA "tenant" CASCADE"`)
  })
})

// The one extension that every engine has; DO blocks and functions need it.
describe('extensions', () => {
  afterEach(async () => {
    for (const database of engines.all()) {
      await database.run(['CREATE EXTENSION IF NOT EXISTS plpgsql'])
    }
  })

  test('createExtension', async () => {
    const said = await checkSql(
      engines.all(),
      (builder) => {
        builder.createExtension('plpgsql', { schema: 'pg_catalog', version: '1.0' })
      },
      ['DROP EXTENSION IF EXISTS plpgsql'],
    )
    expect(said).toMatchInlineSnapshot(
      `"CREATE EXTENSION "plpgsql" SCHEMA "pg_catalog" VERSION '1.0'"`,
    )
  })

  test('createExtension, plain and with what it needs', async () => {
    const said = await checkSql(
      engines.all(),
      (builder) => {
        builder.createExtension('plpgsql')
        builder.dropExtension('plpgsql', { cascade: true })
        builder.createExtension('plpgsql', { cascade: true })
      },
      ['DROP EXTENSION IF EXISTS plpgsql'],
    )
    expect(said).toMatchInlineSnapshot(`
      "CREATE EXTENSION "plpgsql";
      DROP EXTENSION "plpgsql" CASCADE;
      CREATE EXTENSION "plpgsql" CASCADE"
    `)
  })

  test('dropExtension', async () => {
    const said = await checkSql(engines.all(), (builder) => {
      builder.dropExtension('plpgsql', { was: { version: '1.0' } })
    })
    expect(said).toMatchInlineSnapshot(`"DROP EXTENSION "plpgsql""`)
  })
})

describe('what cannot be undone', () => {
  const inverse = (define: (builder: SchemaBuilder) => unknown) => (): unknown => {
    const builder = new SchemaBuilder()
    define(builder)
    return invertAll(builder.operations)
  }

  test('cascade', () => {
    const schema = inverse((builder) => builder.dropSchema('s', { cascade: true, was: {} }))
    expect(schema).toThrow(IrreversibleError)
    expect(schema).toThrowErrorMatchingInlineSnapshot(`
      [IrreversibleError: FAASJS_PG_IRREVERSIBLE  "dropSchema" cannot be undone: drop schema "s" with all it holds
        why  what CASCADE drops with the schema is not recorded
        fix  say what was there with { was: … } where the call takes it, or write "export function down(builder)"; "export const down = false" refuses on purpose]
    `)
    const created = inverse((builder) => builder.createExtension('e', { cascade: true }))
    expect(created).toThrowErrorMatchingInlineSnapshot(`
      [IrreversibleError: FAASJS_PG_IRREVERSIBLE  "createExtension" cannot be undone: create extension "e" with all it needs
        why  which other extensions CASCADE creates is not recorded
        fix  say what was there with { was: … } where the call takes it, or write "export function down(builder)"; "export const down = false" refuses on purpose]
    `)
    const dropped = inverse((builder) => builder.dropExtension('e', { cascade: true, was: {} }))
    expect(dropped).toThrow('what CASCADE drops with the extension is not recorded')
  })

  test('a drop without what it was', () => {
    expect(inverse((builder) => builder.dropSchema('s'))).toThrow(IrreversibleError)
    expect(inverse((builder) => builder.dropExtension('e'))).toThrow(IrreversibleError)
  })

  test('a cascade whose victims are recorded can be', () => {
    const table = { schema: 's', name: 't' }
    const create = { kind: 'createTable', table, columns: [], constraints: [] } as const
    expect(
      invertAll([
        { kind: 'dropSchema', schema: 's', cascade: true, was: { followedBy: [create] } },
      ]),
    ).toEqual([{ kind: 'createSchema', schema: 's' }, create])
  })
})

test('in words', () => {
  const builder = new SchemaBuilder()
    .createSchema('a')
    .renameSchema('a', 'b')
    .dropSchema('b')
    .dropSchema('b', { cascade: true })
    .createExtension('e')
    .createExtension('e', { cascade: true })
    .dropExtension('e')
    .dropExtension('e', { cascade: true })
  expect(builder.operations.map(inWords)).toMatchInlineSnapshot(`
    [
      "create schema "a"",
      "rename schema "a" to "b"",
      "drop schema "b"",
      "drop schema "b" with all it holds",
      "create extension "e"",
      "create extension "e" with all it needs",
      "drop extension "e"",
      "drop extension "e" with all it holds",
    ]
  `)
})

test('bad calls', () => {
  const builder = new SchemaBuilder()
  expect(failure(() => builder.createSchema(''))).toContain('non-empty')
  expect(failure(() => builder.renameSchema('a', 'x'.repeat(64)))).toContain('too long')
  expect(failure(() => builder.dropSchema('a', { was: { authorization: '' } }))).toContain(
    'non-empty',
  )
  expect(failure(() => builder.createExtension('e', { schema: '\ud800' }))).toContain('surrogate')
  expect(failure(() => builder.dropExtension('e', { was: { version: '\0' } }))).toContain('NUL')
  expect(builder.operations).toEqual([])
})
