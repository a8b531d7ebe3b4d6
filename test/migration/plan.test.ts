import { describe, expect, test } from 'vitest'

import { listMigrations, planDown, planMigrate, planUp } from '../../src/migration/plan.ts'
import type { AppliedMigration } from '../../src/migration/plan.ts'
import type { MigrationFile } from '../../src/migration/source.ts'

const files = (...names: string[]): MigrationFile[] =>
  names.map((name) => ({ name, path: `/m/${name}.ts` }))

/** Rows in the order of recording. */
const history = (...names: string[]): AppliedMigration[] =>
  names.map((name, index) => ({ name, migration_time: new Date(index * 1000) }))

const names = (steps: readonly MigrationFile[]): string[] => steps.map(({ name }) => name)

describe('planMigrate', () => {
  test('takes what is not in the history, also what is older than the newest applied', () => {
    const plan = planMigrate(files('1', '2', '3', '4'), history('1', '3'))
    expect(names(plan.steps)).toEqual(['2', '4'])
    expect(plan.remaining).toEqual([])
  })

  test('names rows without a file', () => {
    const plan = planMigrate(files('2'), history('1', '2'))
    expect(plan).toEqual({ steps: [], remaining: [], missing: ['1'] })
  })
})

describe('planUp', () => {
  test('takes the first file on an empty history', () => {
    const plan = planUp(files('1', '2', '3'), [])
    expect(names(plan.steps)).toEqual(['1'])
    expect(plan.remaining).toEqual(['2', '3'])
  })

  test('takes the first file that is not in the history, and never an applied one', () => {
    expect(names(planUp(files('1', '2', '3'), history('1', '3')).steps)).toEqual(['2'])
    expect(names(planUp(files('1', '2', '3'), history('3', '1', '2')).steps)).toEqual([])
  })
})

describe('planDown', () => {
  test('takes what was recorded last, not what is named last', () => {
    const plan = planDown(files('1', '2', '3'), history('1', '3', '2'))
    expect(names(plan.steps)).toEqual(['2'])
  })

  test('has nothing to do on an empty history', () => {
    expect(planDown(files('1'), [])).toEqual({ steps: [], remaining: ['1'], missing: [] })
  })

  test('refuses when the file of the latest is gone', () => {
    expect(() => planDown(files('1'), history('1', '2'))).toThrowError(
      expect.objectContaining({
        code: 'FAASJS_PG_MISSING_FILE',
        details: { migration: '2' },
        fix: expect.stringContaining('git log'),
      }),
    )
  })

  test('does not mind older rows without a file', () => {
    const plan = planDown(files('2'), history('1', '2'))
    expect(names(plan.steps)).toEqual(['2'])
    expect(plan.missing).toEqual(['1'])
  })
})

test('listMigrations shows every name once, in order', () => {
  const [first, second] = history('3', '1')
  expect(listMigrations(files('2', '3'), history('3', '1'))).toEqual([
    { name: '1', state: 'missing', migration_time: second?.migration_time },
    { name: '2', state: 'pending', file: '/m/2.ts' },
    { name: '3', state: 'applied', file: '/m/3.ts', migration_time: first?.migration_time },
  ])
})
