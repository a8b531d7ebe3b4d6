import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { splitStatements } from '../../src/sql/split-statements.ts'

const split = (text: string): string[] => splitStatements(text).map(({ sql }) => sql)

describe('semicolons that do not end a statement', () => {
  test.for([
    ['strings', `SELECT 'a;b', 'it''s;'`],
    ['escape strings', String.raw`SELECT E'a\';b', e'\\'`],
    ['a backslash before a quote is no escape in a plain string', String.raw`SELECT 'a\'`],
    ['quoted names', `SELECT 1 AS "a;""b"`],
    ['dollar quotes', `DO $$ BEGIN PERFORM 1; END $$`],
    ['tagged dollar quotes', `SELECT $a$ ; $b$ ; $$ $a$`],
    ['a dollar within a name', `SELECT a$b$c AS x`],
    ['parentheses', `CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)`],
    ['nested comments inside', `SELECT 1 /* a; /* b; */ ; */ + 1`],
    ['line comments inside', `SELECT 1 -- a; b\n + 1`],
    [
      'SQL-standard bodies',
      `CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END`,
    ],
    ['procedures', `CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END`],
    ['unicode names', `SELECT é$x$ AS y`],
  ])('%s', ([, sql]) => {
    expect(split(`${sql};\nSELECT 2`)).toEqual([sql, 'SELECT 2'])
  })
})

test('BEGIN of a transaction is a statement of its own', () => {
  expect(split('BEGIN; SELECT 1; END;')).toEqual(['BEGIN', 'SELECT 1', 'END'])
})

test('comments and empty statements between statements are left out', () => {
  expect(split(`\ufeff-- head;\n;; /* x; */ SELECT 1 -- tail\n; -- end`)).toEqual(['SELECT 1'])
})

test('lines are counted', () => {
  expect(splitStatements('-- a\nSELECT 1;\n\n  SELECT\n2;SELECT 3')).toEqual([
    { sql: 'SELECT 1', line: 2 },
    { sql: 'SELECT\n2', line: 4 },
    { sql: 'SELECT 3', line: 5 },
  ])
})

describe('what cannot be sent to PostgreSQL', () => {
  test.for([
    ['\\connect other', 'a command of psql'],
    ['SELECT 1;\n\\restrict abc', 'line 2 has a command of psql'],
    ['COPY t (a) FROM stdin;\n1\n\\.', 'COPY … FROM stdin'],
    [`SELECT 'a`, 'a string that is never closed'],
    [`SELECT E'a\\'`, 'a string that is never closed'],
    ['SELECT "a', 'a quoted name that is never closed'],
    ['SELECT 1;\n/* a', 'line 2 has a comment that is never closed'],
    ['DO $x$ BEGIN', 'a dollar quote ($x$) that is never closed'],
    [
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;',
      'a BEGIN ATOMIC body that is never closed',
    ],
  ] as const)('%j', ([sql, what]) => {
    expect(() => split(sql)).toThrow(what)
  })
})

test('statements put together come apart again', () => {
  const piece = fc.constantFrom(
    'SELECT 1',
    `SELECT ';'`,
    `SELECT "a;b"`,
    'DO $$ ; $$',
    'DO $a$ ;$$; $a$',
    `SELECT E'\\';'`,
    'SELECT (1; 2)',
    'SELECT /* ; */ 1',
    `CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN 1 THEN 2 END; END`,
  )
  const between = fc.constantFrom(';', ';\n', ' ; -- ;\n', ';/* ; /* ; */ */')
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, between), { maxLength: 12 }), (pieces) => {
      expect(split(pieces.map(([sql, end]) => sql + end).join(''))).toEqual(
        pieces.map(([sql]) => sql),
      )
    }),
  )
})

test('a long file is read in one go', () => {
  const lines = 20_000
  const start = performance.now()
  const found = splitStatements("INSERT INTO t VALUES (1, 'some text of a row');\n".repeat(lines))
  expect(found.at(-1)?.line).toBe(lines)
  // Counting its lines from the start for each statement takes many times as long.
  expect(performance.now() - start).toBeLessThan(3000)
})

test('an unclosed thing is named with the line on which it begins', () => {
  expect(() => split("SELECT 1;\nSELECT 2;\n\nSELECT '\n\n;")).toThrow('line 4 has a string')
  expect(() =>
    split('SELECT 1;\nCREATE FUNCTION f() RETURNS int BEGIN ATOMIC\nSELECT 1;\n'),
  ).toThrow('line 2 has a BEGIN ATOMIC body')
})
