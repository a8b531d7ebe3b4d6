import { describe, expect, inject, test } from 'vitest'

import { runVitest, type VitestRun } from './run-vitest.ts'

const engines = [
  ['PGlite', () => ({ engine: 'pglite' }), ['--pool=threads', '--no-isolate']],
  ['private PostgreSQL', () => ({ engine: 'postgres' }), ['--pool=vmThreads']],
] as const

/** What the fixture has noted about databases under a word. */
function noted(run: VitestRun, word: string): string[] {
  return run.log
    .filter((line) => line.startsWith(`${word} `))
    .map((line) => line.slice(word.length + 1))
}

describe.each(engines)('pgTest on %s', (engine, options, args) => {
  test('E14 each file has the mode that it asks for, concurrent tests databases of their own', async () => {
    const run = await runVitest('modes', ['--maxWorkers=1', ...args], {
      FIXTURE_OPTIONS: JSON.stringify({ ...options(), report: 'verbose' }),
    })
    expect(run.output).not.toContain('FAIL')
    expect(run.tests.filter(({ status }) => status !== 'passed')).toEqual([])
    expect(run).toMatchObject({ exitCode: 0, passed: 45 })
    // Tests that run at a time are not blamed for each other.
    expect(run.output).not.toContain('did not wait')
    const [files, tests] = [noted(run, 'file'), noted(run, 'test')]
    expect([files.length, tests.length]).toEqual([2, 3])
    const ids = [...files, ...tests].map((id) => Number(id.split(' ').at(-1)))
    if (engine !== 'PGlite') expect(new Set(ids).size).toBe(5)
    // The number of transactions that the engine has seen is that of a new one, but for looks at itself.
    else expect(Math.max(...ids) - Math.min(...ids)).toBeLessThan(20)
    // Two run at a time, and the others have what these give back.
    const concurrent = noted(run, 'concurrent')
    expect([concurrent.length, new Set(concurrent).size]).toEqual([8, 2])
  })
})

test.each([
  ['one for all', {}, 1],
  ['one for each file', { scope: 'file' }, 2],
  ['one for each test', { scope: 'test' }, 4],
])('the plugin says it for all files: %s', async (_, modes, databases) => {
  const options = { ...modes, engine: 'postgres', url: inject('postgresAdminUrl') }
  const run = await runVitest('modes', ['--maxWorkers=1', 'plain'], {
    FIXTURE_OPTIONS: JSON.stringify(options),
  })
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 4 })
  expect(new Set(noted(run, 'plain')).size).toBe(databases)
})

test('E14 a concurrent test that uses the database of its file is an error all the same', async () => {
  const run = await runVitest('modes', ['shared'], { FIXTURE_SHARED: 'yes' })
  expect(run).toMatchObject({ exitCode: 1, failed: 1 })
  expect(run.output).toContain('FAASJS_PG_CONCURRENT_TESTS  the database was used while "shared:')
})

test('options that contradict each other end the run before it begins', async () => {
  const run = await runVitest('modes', ['plain'], {
    FIXTURE_OPTIONS: JSON.stringify({ scope: 'test', reset: 'none' }),
  })
  expect(run).toMatchObject({ exitCode: 1, passed: 0 })
  expect(run.output).toContain(
    "FAASJS_PG_BAD_OPTION  scope: 'test' and reset: 'none' contradict each other",
  )
})
