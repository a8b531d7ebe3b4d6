import { expect, test } from 'vitest'

import type { FunctionInput } from '../../src/builder/routines.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { failure } from '../helpers/failure.ts'

const bad = (call: (builder: SchemaBuilder) => unknown): string => {
  const builder = new SchemaBuilder()
  const said = failure(() => call(builder))
  expect(builder.operations).toEqual([])
  return said
}
const GOOD: FunctionInput = { returns: 'void', language: 'sql', body: 'SELECT 1' }

test.for<[Partial<Record<keyof FunctionInput, unknown>>, string]>([
  [{ body: '' }, 'a function needs a body'],
  [{ body: undefined }, 'a function needs a body'],
  [{ body: 'a\0' }, 'NUL'],
  [{ returns: undefined }, "add { returns: 'void' }, or a type"],
  [{ returnsTable: [] }, 'has both { returns } and { returnsTable }'],
  [{ returns: 'void; DROP TABLE users' }, 'is not a type'],
  [{ args: ['text -- '] }, 'is not a type'],
  [{ args: [{ name: '', type: 'text' }] }, 'non-empty'],
  [{ args: [{ type: 'text', mode: 'both' }] }, '"both" is not a value of mode'],
  [{ args: [{ type: 'integer', default: 'now()' }] }, 'is text, not an expression'],
  [{ language: '' }, 'non-empty'],
  [{ volatility: 'fixed' }, '"fixed" is not a value of volatility'],
  [{ parallel: 'yes' }, '"yes" is not a value of parallel'],
  [{ security: 'none' }, '"none" is not a value of security'],
  [{ cost: Number.NaN }, 'not a finite number'],
  [{ set: { search_path: 'app, pg_temp' } }, "{ search_path: ['app', 'pg_temp'] }"],
  [{ set: { '': 1 } }, 'non-empty'],
  [{ sqlBody: true }, 'begins with BEGIN ATOMIC or RETURN'],
  [{ sqlBody: true, language: 'plpgsql', body: 'RETURN 1' }, "{ language: 'sql' } is needed"],
  [{ sqlBody: true, body: 'RETURN 1; DROP TABLE users' }, 'is one SQL statement, not 2'],
  [{ sqlBody: true, body: 'BEGIN ATOMIC SELECT 1;' }, 'that is never closed'],
  [{ sqlBody: true, body: 'BEGIN ATOMIC SELECT 1; END; SELECT 2' }, 'one SQL statement, not 2'],
])('%j', ([part, message]) => {
  const input = { ...GOOD, ...part } as FunctionInput
  expect(bad((builder) => builder.createFunction('f', input))).toContain(message)
})

test('what is replaced, but nothing is', () => {
  expect(bad((builder) => builder.createFunction('f', { ...GOOD, was: GOOD }))).toContain(
    'add { replace: true }',
  )
  expect(
    bad((builder) => builder.createProcedure('p', { body: 'x', was: { body: 'y' } })),
  ).toContain('add { replace: true }')
})

test('replaced by another signature', () => {
  expect(
    bad((builder) =>
      builder.createFunction('f', { ...GOOD, args: ['integer'], replace: true, was: GOOD }),
    ),
  ).toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_DEFINITION
    what is replaced takes 0 arguments, and its replacement 1
    drop the old one, and create the new one without { replace }"
  `)
  const out = { type: 'text', mode: 'out' } as const
  expect(
    bad((builder) =>
      builder.createProcedure('p', {
        args: ['text', out],
        body: 'x',
        replace: true,
        was: { args: [out], body: 'y' },
      }),
    ),
  ).toContain('takes 0 arguments')
})

test('the old one is looked at too', () => {
  expect(
    bad((builder) => builder.dropFunction('f', [], { was: { ...GOOD, body: ' ' } })),
  ).toContain('a function needs a body')
  expect(bad((builder) => builder.dropProcedure('p', [], { was: { body: '' } }))).toContain(
    'a procedure needs a body',
  )
  expect(bad((builder) => builder.dropProcedure('p', ['"']))).toContain('is not a type')
})

test('renaming does not move between schemas', () => {
  expect(bad((builder) => builder.renameFunction('a.f', [], 'b.f'))).toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_DEFINITION
    a rename cannot move function "f" to schema "b"
    PostgreSQL renames a function within its schema
    move it first: builder.raw('ALTER FUNCTION … SET SCHEMA …')"
  `)
  expect(bad((builder) => builder.renameProcedure('a.p', [], 'b.p'))).toContain('ALTER PROCEDURE')
})
