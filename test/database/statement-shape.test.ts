import { expect, test } from 'vitest'

import { statementShape } from '../../src/database/statement-shape.ts'

test.each([
  'SELECT 1',
  ' SELECT 1 ; ',
  'SELECT 1;;',
  '-- first\nSELECT 1 -- last',
  `/* ; /* nested */ ' */ SELECT 1`,
  `SELECT ';', 'it''s', ";", E'\\';', $$;'$$, $a$ $$ ; $a$`,
  `SELECT $1, a$b$c, 1e5, U&'d\\0061t', e'x'`,
  `DO $fn$ BEGIN PERFORM 1; END $fn$`,
  '(SELECT 1)',
  'SELECT "größe", $größe$;$größe$',
])('%s is a single statement', (sql) => {
  expect(statementShape(sql).isSingle).toBe(true)
})

test.each([
  '',
  ' ; ',
  '-- SELECT 1',
  '/* SELECT 1 */',
  'SELECT 1; SELECT 2',
  `SELECT 'open`,
  `SELECT "open`,
  'SELECT $$open',
  'SELECT $a$open$b$',
  'SELECT 1 /* open',
  `SELECT E'open\\'`,
  // Closed or not, depending on standard_conforming_strings.
  `SELECT '\\'`,
  `SELECT 'C:\\\\'`,
  `CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END`,
])('%s is not, or not for certain', (sql) => {
  expect(statementShape(sql).isSingle).toBe(false)
})

test.each([
  ['BEGIN', 'opens'],
  ['/* x */ begin isolation level serializable', 'opens'],
  ['START TRANSACTION READ ONLY', 'opens'],
  ['COMMIT', 'closes'],
  ['end work;', 'closes'],
  ['ROLLBACK', 'closes'],
  ['ABORT', 'closes'],
  [`PREPARE TRANSACTION 'x'`, 'closes'],
  ['COMMIT AND NO CHAIN', 'closes'],
  ['COMMIT AND CHAIN', undefined],
  ['ROLLBACK TRANSACTION AND CHAIN', undefined],
  ['ROLLBACK TO s', undefined],
  ['ROLLBACK WORK TO SAVEPOINT s', undefined],
  ['PREPARE p AS SELECT 1', undefined],
  ['SAVEPOINT begin', undefined],
  ['SELECT 1', undefined],
  ['', undefined],
])('%s: %s', (sql, effect) => {
  expect(statementShape(sql).transaction).toBe(effect)
})

test.each([
  ['COPY t FROM STDIN', true],
  ['copy public.t (a, b) from stdin with (format csv)', true],
  ['SELECT 1; COPY t FROM STDIN', true],
  [`COPY t FROM '/stdin'`, false],
  ['COPY t TO STDOUT', false],
  [`SELECT 'COPY t FROM STDIN'`, false],
  ['SELECT copy FROM stdin', false],
])('%s reads input: %s', (sql, readsInput) => {
  expect(statementShape(sql).readsInput).toBe(readsInput)
})
