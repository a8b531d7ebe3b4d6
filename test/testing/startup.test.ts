import { expect, test } from 'vitest'

import { CONTROL_REQUEST, parseStartup, startupSettings } from '../../src/testing/server/startup.ts'
import { startupPacket } from './raw-client.ts'

test('reads the parameters of a session', () => {
  const startup = parseStartup(startupPacket({ user: 'a', database: 'b' }, 2).subarray(4))
  expect(startup).toEqual({
    kind: 'session',
    newer: true,
    parameters: new Map([
      ['user', 'a'],
      ['database', 'b'],
    ]),
  })
})

test('knows its own control request, and an old protocol', () => {
  expect(parseStartup(CONTROL_REQUEST.subarray(4))).toEqual({ kind: 'control' })
  expect(parseStartup(Buffer.from([0, 2, 0, 0]))).toEqual({ kind: 'unsupported', version: '2.0' })
  expect(parseStartup(Buffer.from([4, 210, 22, 46]))).toMatchObject({ kind: 'unsupported' })
})

test.each([
  ['-c a=1 -cb=2 --c-d=3', { a: '1', b: '2', c_d: '3' }],
  ['-c search_path=a,\\ b', { search_path: 'a, b' }],
  ['-c', {}],
  ['nonsense', {}],
])('options %j', (options, expected) => {
  expect(Object.fromEntries(startupSettings(new Map([['options', options]])))).toEqual(expected)
})

test('settings leave out what is not one', () => {
  const parameters = new Map([
    ['user', 'a'],
    ['database', 'b'],
    ['client_encoding', 'UTF8'],
    ['application_name', 'app'],
    ['_pq_.x', '1'],
  ])
  expect([...startupSettings(parameters)]).toEqual([['application_name', 'app']])
})
