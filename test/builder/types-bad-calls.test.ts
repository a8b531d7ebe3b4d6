import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { StatementError } from '../../src/errors.ts'
import { invert } from '../../src/operations/invert.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'

const engines = useEngines()

const bad = (call: (builder: SchemaBuilder) => unknown): string =>
  failure(() => call(new SchemaBuilder()))

describe('enums', () => {
  test('values that cannot be', () => {
    expect(bad((builder) => builder.createType('mood', []))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      enum type "mood" has no values
      list them: ['first', 'second']"
    `)
    expect(bad((builder) => builder.createType('mood', ['a', 'b', 'a']))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      enum type "mood" has the value "a" twice
      list each value once"
    `)
    expect(bad((builder) => builder.createType('mood', ['ä'.repeat(32)]))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_VALUE
      the value "ääääääääääääääääääääääääääääääää" of enum type "mood" is too long
      it has 64 bytes, and PostgreSQL keeps 63
      shorten it to at most 63 bytes"
    `)
    expect(bad((builder) => builder.createType('mood', ['a\0']))).toContain('NUL')
    expect(bad((builder) => builder.createType('mood', ['\ud800']))).toContain('surrogate')
    expect(bad((builder) => builder.createType('mood', [1 as never]))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_VALUE
      a value of enum type "mood" must be a string, got number
      write it as text: '1'"
    `)
    expect(bad((builder) => builder.createType('mood', 'sad' as never))).toContain('no values')
    expect(bad((builder) => builder.createType('a.b.c', ['a']))).toContain('not a name')
    expect(new SchemaBuilder().createType('mood', ['x'.repeat(63)]).operations).toHaveLength(1)
  })

  test('addTypeValue', () => {
    expect(bad((builder) => builder.addTypeValue('mood', 'b', { before: 'a', after: 'c' })))
      .toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      the new value "b" of type "mood" has both before and after
      keep one of the two"
    `)
    expect(bad((builder) => builder.addTypeValue('mood', 'a', { was: ['a', 'b'] })))
      .toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      the new value "a" of type "mood" is in the list of those before it
      list in { was } what the type had before this call"
    `)
    expect(bad((builder) => builder.addTypeValue('mood', 'b', { after: 'c', was: ['a'] })))
      .toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      type "mood" had no value "c"
      { was } lists "a"
      correct the value, or the list in { was }"
    `)
    expect(bad((builder) => builder.addTypeValue('mood', 'x'.repeat(64)))).toContain('64 bytes')
    expect(bad((builder) => builder.addTypeValue('mood', 'x', { was: [] }))).toContain('no values')
    expect(bad((builder) => builder.addTypeValue('mood', 'x', { before: 5 as never }))).toContain(
      'must be a string',
    )
  })

  test('renameTypeValue', () => {
    expect(bad((builder) => builder.renameTypeValue('mood', 'a', 'a'))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      renaming value "a" of type "mood" changes nothing
      pass another name, or remove the call"
    `)
    expect(bad((builder) => builder.renameTypeValue('mood', 'a', 'x'.repeat(64)))).toContain(
      '64 bytes',
    )
  })

  test('replaceType', () => {
    expect(bad((builder) => builder.replaceType('mood', []))).toContain('no values')
    expect(bad((builder) => builder.replaceType('mood', ['a'], { map: { b: 'c' } })))
      .toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      the map of type "mood" turns "b" into "c", which is not one of the new values
      map it to one of "a""
    `)
    expect(
      bad((builder) => builder.replaceType('mood', ['a'], { map: { b: 'a' }, was: ['a', 'c'] })),
    ).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      type "mood" had no value "b"
      { was } lists "a", "c"
      correct the value, or the list in { was }"
    `)
    expect(bad((builder) => builder.replaceType('mood', ['a'], { was: ['b', 'b'] }))).toContain(
      'twice',
    )
  })

  test('a map of values with the names of object members', () => {
    const builder = new SchemaBuilder()
    builder.replaceType('mood', ['constructor', 'toString'], {
      map: { valueOf: 'toString', constructor: 'constructor' },
      was: ['constructor', 'valueOf'],
    })
    const [operation] = builder.operations
    expect(operation).toMatchObject({ map: { valueOf: 'toString' } })
    expect(operation && invert(operation)).toEqual([
      {
        kind: 'replaceType',
        type: { name: 'mood' },
        values: ['constructor', 'valueOf'],
        map: { toString: 'valueOf' },
        was: { values: ['constructor', 'toString'] },
      },
    ])
  })

  test('a value that was merged with others goes back to the first of them, or stays', () => {
    const builder = new SchemaBuilder()
    builder.replaceType('mood', ['x', 'a'], {
      map: { b: 'x', c: 'x', d: 'a' },
      was: ['a', 'b', 'c', 'd'],
    })
    const [operation] = builder.operations
    expect(operation && invert(operation)).toMatchObject([{ map: { x: 'b' } }])
  })
})

test('a value that is added and used in one transaction', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run([`CREATE TYPE mood AS ENUM ('sad')`, 'CREATE TABLE t (m mood)'])
    const builder = new SchemaBuilder(database)
    builder.addTypeValue('mood', 'ok').raw(`INSERT INTO t VALUES ('ok')`)
    const error: unknown = await builder.run().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StatementError)
    expect(error).toMatchObject({
      sqlState: '55P04',
      fix: 'use the new value in a later migration: PostgreSQL needs the addition committed first',
    })
    const { rows } = await database.query(`SELECT enumlabel FROM pg_enum`)
    expect(rows).toEqual([{ enumlabel: 'sad' }])
  }
})

test('composite types', () => {
  expect(bad((builder) => builder.createCompositeType('t', { '': 'text' }))).toContain('non-empty')
  expect(bad((builder) => builder.createCompositeType('t', { b: 'text', 1: 'text' })))
    .toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_IDENTIFIER
    the attribute "1" has a number for a name
    JavaScript puts such keys in front of the others, and the order of attributes counts
    name it with a letter first: "field_1""
  `)
  expect(bad((builder) => builder.createCompositeType('t', { a: 'text; --' }))).toContain(
    'not a type',
  )
  expect(bad((builder) => builder.addTypeAttribute('t', 'a', undefined as never))).toContain(
    'not a type',
  )
  expect(bad((builder) => builder.addTypeAttribute('t', '', 'text'))).toContain('non-empty')
  expect(bad((builder) => builder.alterTypeAttribute('t', 'a', { type: '' }))).toContain(
    'not a type',
  )
  expect(bad((builder) => builder.dropTypeAttribute('t', 'x'.repeat(64)))).toContain('too long')
  expect(bad((builder) => builder.renameTypeAttribute('t', 'a', ''))).toContain('non-empty')
})

test('all types', () => {
  expect(bad((builder) => builder.renameType('a.t', 'b.t'))).toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_DEFINITION
    renaming cannot move type "t" to schema "b"
    PostgreSQL renames a type within its schema
    move it first: builder.raw('ALTER TYPE … SET SCHEMA …')"
  `)
  expect(bad((builder) => builder.dropType('t', { was: {} as never }))).toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_DEFINITION
    { was } does not say what type "t" was made of
    pass { values: ['first'] }, { attributes: { field: 'text' } } or { subtype: 'date' }"
  `)
  expect(bad((builder) => builder.dropType('t', { was: { values: [] } }))).toContain('no values')
  expect(bad((builder) => builder.createRange('t', {} as never))).toContain('not a type')
  expect(
    bad((builder) => builder.createRange('t', { subtype: 'int', multirangeName: 'a.b.c' })),
  ).toContain('not a name')
})

test('domains', () => {
  expect(bad((builder) => builder.createDomain('d', undefined as never))).toContain('not a type')
  expect(bad((builder) => builder.createDomain('d', 'int', { check: ' ' }))).toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_DEFINITION
    check() needs an SQL expression
    write it as text, such as 'price >= 0'"
  `)
  expect(bad((builder) => builder.createDomain('d', 'int', { check: { '': 'true' } }))).toContain(
    'non-empty',
  )
  expect(bad((builder) => builder.createDomain('d', 'int', { default: 'now()' }))).toContain(
    'is text, not an expression',
  )
  expect(bad((builder) => builder.setDomainDefault('d', []))).toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_VALUE
    the default of domain "d" can be an array or JSON
    its type is not known here
    write it as SQL: sql\`'[]'::jsonb\`"
  `)
  expect(bad((builder) => builder.renameDomain('d', 'x.d'))).toContain('cannot move domain')
  expect(bad((builder) => builder.addDomainCheck('d', 'k', ''))).toContain('SQL expression')
  expect(bad((builder) => builder.renameDomainCheck('d', 'k', ''))).toContain('non-empty')
  expect(bad((builder) => builder.validateDomainCheck('d', ''))).toContain('non-empty')
  expect(bad((builder) => builder.dropDomainCheck('d', ''))).toContain('non-empty')
  expect(bad((builder) => builder.dropDomain('d', { was: { type: '' } }))).toContain('not a type')
})
