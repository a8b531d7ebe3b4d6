import { expect, test } from 'vitest'

import { queryLines, withoutPasswords } from '../../../src/testing/failed/query-lines.ts'
import type { LoggedQuery } from '../../../src/testing/server/open-query.ts'

function query(sql: string, more: Partial<LoggedQuery> = {}): LoggedQuery {
  return {
    connection: 'connection 1',
    sql,
    params: [],
    duration: 1.25,
    rows: 1,
    error: undefined,
    ...more,
  }
}

test('a line for each statement: duration, parameters, rows or error', () => {
  const lines = queryLines([
    query('SELECT *\n  FROM users\n  WHERE id = $1', { params: ['7'], rows: 0 }),
    query('UPDATE users SET name = $1', { params: [null], rows: 12, duration: 1234.56 }),
    query('BEGIN', { rows: undefined }),
    query('SELECT 1/0', { rows: undefined, error: { code: '22012', message: 'division by zero' } }),
    query('SELECT pg_sleep(60)', { rows: undefined, duration: undefined }),
  ])
  expect(`\n${lines.join('\n')}`).toMatchInlineSnapshot(`
    "
    SQL of this test (5, on connection 1):
         1.3 ms  SELECT * FROM users WHERE id = $1 [7] → 0 rows
      1234.6 ms  UPDATE users SET name = $1 [NULL] → 12 rows
         1.3 ms  BEGIN
         1.3 ms  SELECT 1/0 → 22012 division by zero
      no answer  SELECT pg_sleep(60)"
  `)
})

test('connections are named where there are several', () => {
  expect(
    queryLines([query('SELECT 1'), query('SELECT 2', { connection: 'connection 2 (app)' })]),
  ).toEqual([
    'SQL of this test (2):',
    '     1.3 ms  connection 1: SELECT 1 → 1 row',
    '     1.3 ms  connection 2 (app): SELECT 2 → 1 row',
  ])
})

test('the last ones count, long texts are cut, and the whole has an end', () => {
  const long = 'x'.repeat(10_000)
  const lines = queryLines(
    Array.from({ length: 40 }, (_, n) => query(`SELECT ${n}`)),
    5,
  )
  expect(lines).toHaveLength(16)
  expect(lines[0]).toBe('SQL of this test (last 15 of 45, on connection 1):')
  expect(lines.at(-1)).toContain('SELECT 39')
  const cut = queryLines(
    Array.from({ length: 40 }, () =>
      query(`SELECT '${long}'`, {
        params: Array.from({ length: 500 }, () => long),
        error: { code: 'XX000', message: long },
      }),
    ),
  )
  expect(cut.length).toBeGreaterThan(3)
  expect(cut.join('\n').length).toBeLessThan(5200)
  expect(queryLines([])).toEqual([])
})

test.each([
  ['postgres://ada:secret@localhost/app', 'postgres://ada:…@localhost/app'],
  [
    `SELECT dblink('host=x password=secret dbname=y')`,
    `SELECT dblink('host=x password=… dbname=y')`,
  ],
  [`CREATE ROLE ada PASSWORD 'sec''ret' LOGIN`, `CREATE ROLE ada PASSWORD '…' LOGIN`],
  [`ALTER ROLE ada PASSWORD $x$secret$x$`, `ALTER ROLE ada PASSWORD '…'`],
  [`SELECT password FROM users WHERE id = 1`, `SELECT password FROM users WHERE id = 1`],
  [
    'redis://:secret@host:1/0 and amqp://a:s%40cret@host',
    'redis://:…@host:1/0 and amqp://a:…@host',
  ],
])('leaves the password out of %s', (text, expected) => {
  expect(withoutPasswords(text)).toBe(expected)
})
