import { describe, expect, test } from 'vitest'

import type { ReplaceTypeOptions } from '../../src/builder/enum-values.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { StatementError } from '../../src/errors.ts'
import { catalog } from '../helpers/catalog.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

const MOOD = `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`

/** Why replacing `mood` after `before` fails, and what to do; nothing may be changed then. */
async function failed(
  before: readonly string[],
  values: readonly string[],
  options: ReplaceTypeOptions = {},
): Promise<string> {
  let report: string | undefined
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run(before)
    const first = await catalog(database)
    const builder = new SchemaBuilder(database).replaceType('mood', values, options)
    const error: unknown = await builder.run().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (!(error instanceof StatementError)) throw new Error('it did not fail', { cause: error })
    expect(await catalog(database)).toEqual(first)
    // As PostgreSQL 13 says it.
    const text = `${error.why}\n${error.fix}`
      .replace('used in a policy', 'used by a policy')
      .replace('SQLSTATE 42601', 'SQLSTATE 0A000')
    expect(text).toBe(report ?? text)
    report = text
  }
  return report ?? ''
}

describe('replaceType changes nothing when', () => {
  test('a column has a value without a place', async () => {
    const table = 'CREATE TABLE "my table" (m mood, list mood[])'
    expect(await failed([MOOD, table, `INSERT INTO "my table" VALUES ('sad')`], ['ok', 'happy']))
      .toMatchInlineSnapshot(`
      "value "sad" of type mood is neither kept nor mapped, and column m of table "my table" has it (SQLSTATE 22P02)
      keep the value, or say what it becomes: { map: { old: 'new' } }"
    `)
    expect(await failed([MOOD, table, `INSERT INTO "my table" VALUES ('ok', '{ok,sad}')`], ['ok']))
      .toMatchInlineSnapshot(`
      "value "sad" of type mood is neither kept nor mapped, and column list of table "my table" has it (SQLSTATE 22P02)
      keep the value, or say what it becomes: { map: { old: 'new' } }"
    `)
  })

  test('a definition has a value without a place', async () => {
    expect(await failed([MOOD, `CREATE TABLE t (m mood DEFAULT 'sad')`], ['ok']))
      .toMatchInlineSnapshot(`
      "value "sad" of type mood is neither kept nor mapped, and the default of column m of table t has it (SQLSTATE 22P02)
      keep the value, or say what it becomes: { map: { old: 'new' } }"
    `)
    expect(await failed([MOOD, `CREATE TABLE t (m mood[] DEFAULT '{ok,sad}')`], ['ok']))
      .toMatchInlineSnapshot(`
      "value "sad" of type mood is neither kept nor mapped, and the default of column m of table t has it (SQLSTATE 22P02)
      keep the value, or say what it becomes: { map: { old: 'new' } }"
    `)
    expect(await failed([MOOD, `CREATE TABLE t (m mood CONSTRAINT k CHECK (m <> 'sad'))`], ['ok']))
      .toMatchInlineSnapshot(`
      "value "sad" of type mood is neither kept nor mapped, and constraint k of table t has it (SQLSTATE 22P02)
      keep the value, or say what it becomes: { map: { old: 'new' } }"
    `)
  })

  test('something else depends on it', async () => {
    const table = 'CREATE TABLE t (m mood)'
    expect(await failed([MOOD, table, 'CREATE VIEW v AS SELECT m FROM t'], ['ok']))
      .toMatchInlineSnapshot(`
        "cannot alter type of a column used by a view or rule (SQLSTATE 0A000)
        rule _RETURN on view v depends on column "m"
        drop what the message names first, and create it again afterwards"
      `)
    expect(
      await failed(
        [MOOD, `CREATE FUNCTION f() RETURNS mood LANGUAGE sql AS 'SELECT NULL::mood'`],
        ['ok'],
      ),
    ).toMatchInlineSnapshot(`
      "cannot replace type mood because other objects depend on it (SQLSTATE 2BP01)
      function f() depends on type mood
      drop what depends on it first; the detail names it"
    `)
    expect(await failed([MOOD, 'CREATE TYPE pair AS (a mood)'], ['ok'])).toContain('pair')
    expect(await failed([MOOD, table, `CREATE POLICY p ON t USING (m = 'ok')`], ['ok'])).toContain(
      'policy',
    )
    expect(
      await failed(
        [MOOD, `CREATE TABLE t (m mood, is_ok boolean GENERATED ALWAYS AS (m = 'ok') STORED)`],
        ['ok'],
      ),
    ).toContain('generated column')
    expect(await failed([MOOD, 'CREATE DOMAIN d AS mood'], ['ok'])).toContain('type d depends')
  })

  test('the type is not there, or no enum, or without the mapped value', async () => {
    expect(await failed([], ['ok'])).toMatchInlineSnapshot(`
      "type "mood" does not exist (SQLSTATE 42704)
      create the type, collation or index first, or correct its name"
    `)
    expect(await failed(['CREATE TYPE mood AS (a text)'], ['ok'])).toMatchInlineSnapshot(`
      "type mood is not an enum (SQLSTATE 42809)
      it is an object of another sort: use the call that is for it"
    `)
    expect(await failed([MOOD], ['ok'], { map: { blue: 'ok' } })).toMatchInlineSnapshot(`
      "type mood has no value "blue" that could be mapped (SQLSTATE 22023)
      correct the value that the message names"
    `)
  })
})
