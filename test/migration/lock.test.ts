import { expect, test } from 'vitest'

import { describeHolder } from '../../src/migration/lock-holder.ts'
import { lockKey } from '../../src/migration/lock.ts'

test('the key is the same in every release, and another for every history', () => {
  const table = { schema: 'public', name: 'faasjs_pg_migrations' }
  // Two releases that disagree here would run at the same time.
  expect(lockKey('app', table)).toBe('-3089506331664723488')
  const keys = [
    lockKey('app', table),
    lockKey('app2', table),
    lockKey('app', { ...table, schema: 'tenant' }),
    lockKey('app', { ...table, name: 'other' }),
  ]
  expect(new Set(keys).size).toBe(4)
  for (const key of keys) expect(BigInt.asIntN(64, BigInt(key))).toBe(BigInt(key))
})

test.each([
  [undefined, 'its holder has just gone'],
  [{ pid: 1, applicationName: '', since: undefined }, 'held by pid 1'],
  [
    { pid: 1, applicationName: 'deploy', since: new Date(0) },
    'held by pid 1 (application "deploy"), connected since 1970-01-01T00:00:00.000Z',
  ],
])('describes a holder', (holder, text) => {
  expect(describeHolder(holder)).toBe(text)
})
