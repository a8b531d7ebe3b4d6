import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import fastGlob from 'fast-glob'
import { expect, test } from 'vitest'

/** Edge cases that need another engine or another machine, and why. Numbers may be tested here in part. */
const LEFT: Readonly<Record<string, string>> = {
  E5: 'a lock wait in the reset: on PGlite a reset waits for nobody; the PostgreSQL engine has lock_timeout',
  E10: 'sharded CI on one server: there is no server',
}

/** Of those that are tested: what is left. */
const LEFT_IN_PART: Readonly<Record<string, string>> = {
  E1: 'the session is ended instead of rolled back',
  E7: 'databases of runs that were killed are swept from a server',
  E9: 'two checkouts on one server',
  E14: 'a clone for each concurrent test',
  E18: 'cluster-wide objects of a server that others use',
  E21: 'where privileges are missing',
  E37: 'servers older than 13: there is none here',
  E38: 'Windows, and hosts without IPv4: no such machine here',
  E29: 'prepared transactions and replication slots, which PGlite refuses',
}

const numbers = Array.from({ length: 40 }, (_, index) => `E${index + 1}`)

function tested(): Set<string> {
  const files = fastGlob.sync('test/vitest/**/*.test.ts', { ignore: ['**/fixtures/**'] })
  const texts = files.map((file) => readFileSync(resolve(file), 'utf8'))
  // In titles: of a test, in the list of test.each, or what it makes them of.
  return new Set(texts.flatMap((text) => text.match(/(?<=['"`])E\d+(?= \w)/g) ?? []))
}

test('every edge case is tested, or left with a reason', () => {
  const found = tested()
  expect(numbers.filter((number) => !found.has(number) && !(number in LEFT))).toEqual([])
  expect(Object.keys(LEFT).filter((number) => found.has(number))).toEqual([])
  expect(Object.keys(LEFT_IN_PART).filter((number) => !found.has(number))).toEqual([])
})
