import { expect } from 'vitest'

import type { VitestRun } from '../run-vitest.ts'

/** Every test of the fixture that begins with this number has passed, and there are so many at least. */
export function expectProven(run: VitestRun, number: string, atLeast: number): void {
  const tests = run.tests.filter(({ title }) => title.startsWith(`${number} `))
  expect(tests.length).toBeGreaterThanOrEqual(atLeast)
  const failures = tests.filter(({ status }) => status !== 'passed')
  expect(failures.map(({ title, failureMessages }) => [title, ...failureMessages])).toEqual([])
}
