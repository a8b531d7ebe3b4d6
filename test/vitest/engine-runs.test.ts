import { afterEach, describe, expect, test, vi } from 'vitest'

import { describeDifferences, type Outcome } from '../../src/vitest/engine-differences.ts'
import { engineRuns } from '../../src/vitest/engine-runs.ts'
import type { PgVitestOptions } from '../../src/vitest/plugin-options.ts'
import { createPlugin } from '../../src/vitest/plugin.ts'

afterEach(() => vi.unstubAllEnvs())

const url = 'postgres://postgres@localhost:5432/postgres'

describe('the option engines', () => {
  test('options of the plugin are those of every server in the list', () => {
    vi.stubEnv('FAASJS_PG_ENGINE', '')
    const runs = engineRuns({
      url,
      connections: 3,
      engines: ['pglite', 'postgres', { name: 'old', engine: 'postgres', url: `${url}?old` }],
    })
    expect(JSON.parse(JSON.stringify(runs))).toEqual([
      { name: 'pglite', engine: { engine: 'pglite' } },
      { name: 'postgres', engine: { engine: 'postgres', url, connections: 3 } },
      { name: 'old', engine: { engine: 'postgres', url: `${url}?old`, connections: 3 } },
    ])
  })

  test.each([
    ['pglite', ['pglite']],
    ['old', ['old']],
    ['auto', ['pglite', 'new', 'old']],
    // Both are servers.
    ['postgres', ['new', 'old']],
  ])('FAASJS_PG_ENGINE=%s picks %j', (variable, names) => {
    vi.stubEnv('FAASJS_PG_ENGINE', variable)
    const runs = engineRuns({
      engines: [
        'pglite',
        { name: 'new', engine: 'postgres', url },
        { name: 'old', engine: 'postgres', url: `${url}?old` },
      ],
    })
    // One that is alone needs no name.
    expect(runs.map(({ name }) => name)).toEqual(names.length === 1 ? [''] : names)
  })

  test('a list of one is that engine', () => {
    vi.stubEnv('FAASJS_PG_ENGINE', '')
    expect(engineRuns({ engines: ['pglite'] })).toMatchObject([
      { name: '', engine: { engine: 'pglite' } },
    ])
  })

  const bad: readonly (readonly [what: string, options: object, variable?: string])[] = [
    ['the list of engines is empty', { engines: [] }],
    ['the list of engines is empty', { engines: 'pglite' }],
    ['"engine" and "engines" are both given', { engine: 'pglite', engines: ['pglite'] }],
    ['two engines have the name "postgres"', { engines: ['postgres', 'postgres'] }],
    [
      'the engines "pglite" and "other" are the same one',
      { engines: ['pglite', { name: 'other', engine: 'pglite' }] },
    ],
    ['pg-mem cannot be one of the engines', { engines: ['pglite', 'pg-mem'] }],
    ['"auto" cannot be one of the engines', { engines: ['auto'] }],
    ['"mysql" cannot be one of the engines', { engines: ['mysql'] }],
    ['null cannot be one of the engines', { engines: [null] }],
    ['"a (b)" is no name for an engine', { engines: [{ name: 'a (b)', engine: 'pglite' }] }],
    ['"sqlite" is none of the engines of the plugin', { engines: ['pglite'] }, 'sqlite'],
  ]
  test.for(bad)('%s', ([what, options, variable]) => {
    vi.stubEnv('FAASJS_PG_ENGINE', variable ?? '')
    expect(() => createPlugin(options as PgVitestOptions)).toThrow(
      expect.objectContaining({
        code: 'FAASJS_PG_BAD_OPTION',
        summary: what,
        fix: expect.stringMatching(/\S/) as string,
      }),
    )
  })
})

describe('what differs', () => {
  const passed = (name: string): Outcome => ({ test: name, state: 'passed' })
  const failed = (name: string, error: unknown): Outcome => ({ test: name, state: 'failed', error })
  const compare = (...lists: Outcome[][]): string[] =>
    describeDifferences(
      lists.map((outcomes, index) => ({
        label: ['PGlite', '18.4', '15.18'][index] ?? '',
        outcomes,
      })),
    )

  test('nothing is said when nothing ran', () => {
    const skipped: Outcome = { test: 'a', state: 'skipped' }
    expect(compare([], [])).toEqual([])
    expect(compare([skipped], [skipped])).toEqual([])
  })

  test('one test, of three engines', () => {
    expect(compare([passed('a')], [passed('a')], [passed('a')])).toEqual([
      '1 test agrees on PGlite, 18.4 and 15.18',
    ])
    expect(compare([passed('a')], [passed('a')], [failed('a', new Error('no'))])).toEqual([
      '0 tests agree on PGlite, 18.4 and 15.18, 1 differs:',
      '  a',
      '    PGlite  passed',
      '    18.4    passed',
      '    15.18   failed  Error: no',
    ])
  })

  test('failures are told apart by their first line and their SQLSTATE', () => {
    const error = (message: string, code?: string): Error =>
      Object.assign(new Error(message), { code })
    const below = new Error('Failed query', { cause: error('no', '23505') })
    expect(compare([failed('a', error('x\n1'))], [failed('a', error('x\n2'))])).toEqual([
      '1 test agrees on PGlite and 18.4',
    ])
    expect(
      compare([failed('a', below)], [failed('a', error('Failed query', '23503'))]).slice(2),
    ).toEqual([
      '    PGlite  failed  Error: Failed query (SQLSTATE 23505)',
      '    18.4    failed  Error: Failed query (SQLSTATE 23503)',
    ])
  })

  test('a test that ran on one engine only is no difference, nor does it agree', () => {
    expect(compare([passed('a'), passed('b'), passed('b')], [passed('b')])).toEqual([
      '1 test agrees on PGlite and 18.4',
      '2 tests did not run on 18.4, and cannot be compared',
    ])
  })

  test('a test that is skipped on one engine differs', () => {
    expect(compare([passed('a')], [{ test: 'a', state: 'skipped' }]).slice(2)).toEqual([
      '    PGlite  passed',
      '    18.4    skipped',
    ])
  })
})
