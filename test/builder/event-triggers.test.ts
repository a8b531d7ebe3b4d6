import { afterEach, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'

const engines = useEngines()

const BEFORE = [
  'CREATE SCHEMA app',
  'CREATE FUNCTION app.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$',
]

afterEach(async () => {
  for (const database of engines.all()) {
    await database.run(['DROP SCHEMA IF EXISTS app CASCADE'])
  }
})

test('createEventTrigger', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) => {
      builder.createEventTrigger('all commands', { on: 'ddl_command_start', execute: 'app.note' })
      builder.createEventTrigger('drops', {
        on: 'sql_drop',
        execute: 'app.note',
        tags: ['DROP TABLE', 'DROP VIEW'],
      })
    },
    BEFORE,
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE EVENT TRIGGER "all commands" ON ddl_command_start EXECUTE FUNCTION "app"."note"();
    CREATE EVENT TRIGGER "drops" ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP VIEW') EXECUTE FUNCTION "app"."note"()"
  `)
})

test('dropEventTrigger', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) => {
      builder.dropEventTrigger('drops', {
        was: { on: 'sql_drop', execute: 'app.note', tags: ['DROP TABLE'] },
      })
    },
    [
      ...BEFORE,
      `CREATE EVENT TRIGGER drops ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION app.note()`,
    ],
  )
  expect(said).toMatchInlineSnapshot(`"DROP EVENT TRIGGER "drops""`)
})

test('in words', () => {
  const builder = new SchemaBuilder()
    .createEventTrigger('drops', { on: 'table_rewrite', execute: 'app.note' })
    .dropEventTrigger('drops')
  expect(builder.operations.map(inWords)).toMatchInlineSnapshot(`
    [
      "create event trigger "drops" on table_rewrite",
      "drop event trigger "drops"",
    ]
  `)
})

test('bad calls', () => {
  const builder = new SchemaBuilder()
  expect(failure(() => builder.createEventTrigger('t', { on: 'insert' as 'login', execute: 'f' })))
    .toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_DEFINITION
    "insert" is not a value of on
    use one of 'ddl_command_end', 'ddl_command_start', 'login', 'sql_drop', 'table_rewrite'"
  `)
  expect(
    failure(() => builder.createEventTrigger('t', { on: 'login', execute: 'a.b.c' })),
  ).toContain('is not a name')
  expect(failure(() => builder.dropEventTrigger(''))).toContain('non-empty')
  expect(builder.operations).toEqual([])
})
