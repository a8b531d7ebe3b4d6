import fc from 'fast-check'
import { expect, test } from 'vitest'

import { int16, int32, message } from '../../src/testing/server/backend-messages.ts'
import { isWellFormed } from '../../src/testing/server/message-format.ts'
import { channelNames, customSettings, Touch, touchesOf } from '../../src/testing/server/touches.ts'
import { frontend } from './raw-client.ts'

const bind = message(
  'B',
  'portal\0name\0',
  int16(1),
  int16(1),
  int16(2),
  int32(3),
  'abc',
  int32(-1),
  int16(0),
)

const good: [string, Buffer][] = [
  ['Q', frontend.query('select 1')],
  ['P', frontend.parse('a', 'select 1')],
  ['B', bind],
  ['D', frontend.describe('S', 'a')],
  ['C', frontend.close('P', '')],
  ['E', frontend.executeSome('a', 5)],
  ['F', message('F', int32(1), int16(0), int16(1), int32(2), 'ab', int16(0))],
  ['S', frontend.sync],
  ['H', frontend.flush],
  ['f', frontend.copyFail('no')],
  ['c', frontend.copyDone],
]

test.each(good)(
  'a message of type %s is well-formed, and not with a byte more or less',
  (type, bytes) => {
    expect(isWellFormed(type, bytes)).toBe(true)
    expect(isWellFormed(type, Buffer.concat([bytes, Buffer.from('x')]))).toBe(false)
    if (bytes.length > 5) expect(isWellFormed(type, bytes.subarray(0, -1))).toBe(false)
  },
)

test('rows of a COPY are anything', () => {
  expect(isWellFormed('d', frontend.copyData('\0\u0001'))).toBe(true)
})

test('looking at arbitrary bytes ends', () => {
  const types = fc.constantFrom('B', 'C', 'D', 'E', 'F', 'H', 'P', 'Q', 'S', 'c', 'd', 'f')
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 60 }), (type, body) => {
      expect([true, false]).toContain(isWellFormed(type, message(type, Buffer.from(body))))
    }),
  )
})

test.each([
  ['select 1', 0],
  ['update t set a = 1', 0],
  ['set local work_mem = 1', 0],
  [`select set_config('app.id', $1, true)`, 0],
  [`select set_config('app.id', f(1), false)`, Touch.settings],
  ['-- x\n/* y */ SET a = 1', Touch.settings],
  ['select 1; reset a', Touch.settings],
  ['create temp table t ()', Touch.temporaries],
  ['select 1 into temporary t', Touch.temporaries],
  ['create table temp (temp int)', 0],
  ['listen x', Touch.channels],
  ['select pg_advisory_lock(1)', Touch.identity],
  ['discard all', Touch.settings | Touch.temporaries | Touch.channels | Touch.identity],
])('%s touches %i', (sql, touches) => {
  expect(touchesOf(sql)).toBe(touches)
})

test('finds names of settings and channels', () => {
  expect(customSettings(`set app.a = 1; select set_config('app.b', 'x', false)`)).toEqual([
    'app.a',
    'app.b',
  ])
  expect(customSettings('select set_config($1, $2, false)', () => '\0app.c\0x')).toEqual(['app.c'])
  expect(channelNames('LISTEN News; unlisten "Mixed ""Case"; unlisten *')).toEqual([
    'news',
    'Mixed "Case',
  ])
})
