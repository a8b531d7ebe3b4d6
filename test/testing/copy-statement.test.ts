import { expect, test } from 'vitest'

import { copyStatement } from '../../src/testing/server/copy-statement.ts'

test.each([
  ['copy t from stdin', { kind: 'from-client', binary: false }],
  [
    'COPY t (a, "from") FROM STDIN WITH (FORMAT csv, HEADER)',
    { kind: 'from-client', binary: false },
  ],
  ['copy t from stdin (format binary)', { kind: 'from-client', binary: true }],
  ['copy binary t from stdin', { kind: 'from-client', binary: true }],
  [
    `-- note\n/* and */ copy "a b".t from stdin with delimiter ';' ;`,
    { kind: 'from-client', binary: false },
  ],
  ['copy t from stdin where a > (select 1)', { kind: 'from-client', binary: false }],
  [`copy t from program 'ls'`, { kind: 'program' }],
  ['copy (select 1 from stdin) to program $$cat$$', { kind: 'program' }],
  ['select 1; copy t from stdin', { kind: 'unclear' }],
  [`select 'copy t from stdin'`, { kind: 'unclear' }],
  ['copy stdin to stdout', { kind: 'unclear' }],
  ['copy t to stdout', undefined],
  ['select * from copy', undefined],
  ['insert into stdin values (1)', undefined],
])('%s', (sql, expected) => {
  expect(copyStatement(sql)).toEqual(expected)
})
