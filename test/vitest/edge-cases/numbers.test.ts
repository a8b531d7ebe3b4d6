import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import fastGlob from 'fast-glob'
import { expect, test } from 'vitest'

/** What cannot be tried here, or is as it is on purpose. */
const LEFT_IN_PART: Readonly<Record<string, string>> = {
  E18: 'roles that a test makes on a server which others use stay, which is documented',
  E37: 'servers older than 13: there is none here',
  E38: 'Windows: no such machine here',
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
