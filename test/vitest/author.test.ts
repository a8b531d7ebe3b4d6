import { expect, test } from 'vitest'

import { runVitest } from './run-vitest.ts'

test.each([
  ['forks', [], 14],
  ['threads', ['--no-isolate'], 14],
  // Vitest does not let migrations be loaded there: no migrationTest().
  ['vmThreads', ['author.spec.ts', 'second.spec.ts', 'matchers.spec.ts'], 13],
])('db, test, seed and the others, in %s %j', async (pool, args, passed) => {
  const run = await runVitest('author', [`--pool=${pool}`, '--maxWorkers=1', ...args])
  expect(run.tests.filter(({ status }) => status !== 'passed')).toEqual([])
  expect(run).toMatchObject({ exitCode: 0, passed })
  expect(run.output).not.toContain('[@faasjs/pg] author')
})

test('outside of tests they say what they are for', async () => {
  const { db, stable } = await import('../../src/vitest/index.ts')
  await expect(db.rows('users')).rejects.toMatchObject({ code: 'FAASJS_PG_NOT_IN_VITEST' })
  expect(stable([{ id: 1 }])).toEqual([{ id: '<id-1>' }])
})
