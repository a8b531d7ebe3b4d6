import { describe, expect, inject, test } from 'vitest'

import { runVitest, type VitestRun } from './run-vitest.ts'

const engines = [
  ['PGlite', () => ({ engine: 'pglite' }), ['--no-isolate']],
  ['private PostgreSQL', () => ({ engine: 'postgres' }), []],
] as const

/** What the fixture has noted about databases under a word. */
function noted(run: VitestRun, word: string): string[] {
  return run.log
    .filter((line) => line.startsWith(`${word} `))
    .map((line) => line.slice(word.length + 1))
}

describe.each(engines)('pgTest on %s', (engine, options, args) => {
  test('each file has the mode that it asks for, and no other', async () => {
    const run = await runVitest('modes', ['--maxWorkers=1', ...args], {
      FIXTURE_OPTIONS: JSON.stringify({ ...options(), report: 'verbose' }),
    })
    expect(run.output).not.toContain('FAIL')
    expect(run.tests.filter(({ status }) => status !== 'passed')).toEqual([])
    expect(run).toMatchObject({ exitCode: 0, passed: 33 })
    const [files, tests] = [noted(run, 'file'), noted(run, 'test')]
    expect([files.length, tests.length]).toEqual([2, 3])
    // On PGlite the number of transactions that the engine has seen is that of a new one, for all of them.
    const databases = engine === 'PGlite' ? 1 : 5
    expect(new Set([...files, ...tests]).size).toBe(databases)
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

test('options that contradict each other end the run before it begins', async () => {
  const run = await runVitest('modes', ['plain'], {
    FIXTURE_OPTIONS: JSON.stringify({ scope: 'test', reset: 'none' }),
  })
  expect(run).toMatchObject({ exitCode: 1, passed: 0 })
  expect(run.output).toContain(
    "FAASJS_PG_BAD_OPTION  scope: 'test' and reset: 'none' contradict each other",
  )
})
