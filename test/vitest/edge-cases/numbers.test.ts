import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import fastGlob from 'fast-glob'
import { expect, test } from 'vitest'

/** Of edge cases that need another engine or another machine: what is left. */
const LEFT_IN_PART: Readonly<Record<string, string>> = {
  E1: 'the session is ended instead of rolled back',
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
  const files = fastGlob.sync('test/{testing,vitest}/**/*.test.ts', { ignore: ['**/fixtures/**'] })
  const texts = files.map((file) => readFileSync(resolve(file), 'utf8'))
  // In titles: of a test, in the list of test.each, or what it makes them of.
  return new Set(texts.flatMap((text) => text.match(/(?<=['"`])E\d+(?= \w)/g) ?? []))
}

test('every edge case is tested, at least in part', () => {
  const found = tested()
  expect(numbers.filter((number) => !found.has(number))).toEqual([])
  expect(Object.keys(LEFT_IN_PART).filter((number) => !found.has(number))).toEqual([])
})
