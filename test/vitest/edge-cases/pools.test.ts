import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { installFixture } from '../install-fixture.ts'
import { runVitest } from '../run-vitest.ts'

interface Entry {
  readonly file: string
  readonly url: string
}

function entries(log: readonly string[]): Entry[] {
  return log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Entry)
}

function urls(log: readonly string[]): Set<string> {
  return new Set(log.filter((line) => line.startsWith('postgres:')))
}

function count(log: readonly string[], line: string): number {
  return log.filter((other) => other === line).length
}

test.each([
  '--pool=forks --maxWorkers=2',
  '--pool=forks --maxWorkers=2 --no-isolate',
  '--pool=threads --maxWorkers=2',
  '--pool=threads --maxWorkers=2 --no-isolate',
  '--pool=vmThreads --maxWorkers=2',
  '--pool=vmForks --maxWorkers=2',
  '--no-file-parallelism',
  '--maxWorkers=50%',
  '--maxWorkers=2 --config=custom-pool.config.ts',
])('E30 every test starts from the baseline in any pool: %s', async (args) => {
  const run = await runVitest('app', args.split(' '))
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 12, failed: 0 })
  expect(count(run.log, 'migrated')).toBe(1)
  expect(run.output).toMatch(/[12] databases? booted/)
  // One more for each before its first connection.
  expect(new Set(entries(run.log).map(({ url }) => url)).size).toBeLessThanOrEqual(4)
})

test('E31 several projects in different pools, with the plugin twice, and one without it', async () => {
  const run = await runVitest('projects', ['--maxWorkers=2'])
  expect(run).toMatchObject({ exitCode: 0, passed: 5, failed: 0 })
  // One for each project, although both count their workers from 1.
  expect(urls(run.log).size).toBe(2)
})

test('E31 a plugin that no project inherits has no effect, and says so', async () => {
  const run = await runVitest('projects', ['--config=orphan.config.ts'])
  expect(run).toMatchObject({ exitCode: 0, passed: 1, log: [] })
  expect(run.output.match(/at the root, and no project inherits it/g)).toHaveLength(1)
})

test('E31 files that run at the same time have different databases', async () => {
  const run = await runVitest('workers', ['--maxWorkers=2'])
  expect(run).toMatchObject({ exitCode: 0, passed: 2 })
  expect(urls(run.log).size).toBe(2)
  expect(count(run.log, 'migrated')).toBe(1)
})

test.each([
  ['describe.concurrent and test.concurrent', '3,4,5,6', []],
  ['sequence.concurrent', '3,4,5,6,7', ['--sequence.concurrent']],
])('E14 concurrent tests may run, but not use the database: %s', async (_, numbers, args) => {
  const titles = numbers.split(',').map((number) => `number ${number}`)
  const run = await runVitest('concurrent', ['-t', `number [012${numbers}]`, ...args])
  expect(run.exitCode).toBe(1)
  const failed = run.tests.filter(({ status }) => status === 'failed')
  expect(failed.map(({ title }) => title).toSorted()).toEqual(titles)
  for (const title of titles) {
    expect(run.output).toContain(
      `FAASJS_PG_CONCURRENT_TESTS  the database was used while "${title}" ran`,
    )
  }
})

test('E13 projects of pages and browsers are left alone, a file that looks like a page is not', async () => {
  const root = await installFixture('environments')
  // Where Vitest looks for an environment by its name.
  const environment = join(root, 'node_modules/vitest-environment-window')
  await mkdir(environment, { recursive: true })
  await cp(join(root, 'window.mjs'), join(environment, 'index.mjs'))
  const manifest = { name: 'vitest-environment-window', exports: './index.mjs' }
  await writeFile(join(environment, 'package.json'), JSON.stringify(manifest))
  const run = await runVitest(root)
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 2 })
  expect(count(run.log, 'migrated')).toBe(1)
  // Each project, and how many setup files it has.
  const setups = run.log.filter((line) => line !== 'migrated').toSorted()
  expect(setups).toEqual(['browser (chromium) 0', 'happy-dom 0', 'node 1'])
})

test('E13 checking types boots nothing', async () => {
  const run = await runVitest('formats', ['--typecheck.only'], { FIXTURE_MIGRATIONS: 'sql' })
  expect(run).toMatchObject({ exitCode: 0, passed: 1, log: [] })
  expect(run.output).not.toContain('booted')
})
