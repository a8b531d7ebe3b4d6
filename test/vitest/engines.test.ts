import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'

import { installFixture } from './install-fixture.ts'
import { outerEnv, runVitest, VITEST, type VitestRun } from './run-vitest.ts'

// One for all runs: migrating is not what they are about.
let cache = ''
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'faasjs-pg-engines-'))
})
afterAll(() => rm(cache, { recursive: true, force: true }))

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<VitestRun> {
  return await runVitest('engines', args, {
    // That of this package's own tests.
    FAASJS_PG_ENGINE: '',
    FAASJS_PG_CACHE: cache,
    ...env,
  })
}

/** What is reported of the engines: the verdict, and what follows it. */
function reportOf({ output }: VitestRun): string {
  const lines = output.split('\n')
  const begin = lines.findIndex((line) => /^\[@faasjs\/pg\] .*tests? agrees? on/.test(line))
  const end = lines.findIndex((line, index) => index > begin && !line.startsWith('  '))
  return lines.slice(begin, end).join('\n')
}

test('every test runs on each engine, and those that differ are reported side by side', async () => {
  const both = await run([])
  expect(reportOf(both)).toMatchInlineSnapshot(`
    "[@faasjs/pg] 6 tests agree on PGlite and private PostgreSQL 18.4, 2 differ:
      differs.spec.ts > sorts as in German
        PGlite                   failed  error: the embedded engine has no ICU collations beside the root one (SQLSTATE 0A000)
        private PostgreSQL 18.4  passed
      differs.spec.ts > fails in another way
        PGlite                   failed  Error: on one
        private PostgreSQL 18.4  failed  Error: on another"
  `)
  expect(await readFile('docs/testing.md', 'utf8')).toContain(`\n${reportOf(both)}\n`)
  // As Vitest itself counts: the ones that are skipped on both are skipped.
  expect(both).toMatchObject({ exitCode: 1, passed: 11, failed: 5 })
  expect(both.log.filter((line) => line.startsWith('global'))).toEqual([
    'global setup',
    'global teardown',
  ])
  // Each with its own line, and its own snapshot.
  expect(both.output).toContain('[@faasjs/pg] pglite: PGlite · 1 database booted')
  expect(both.output).toContain('[@faasjs/pg] postgres: private PostgreSQL 18.4 · 1 database')
})

test('the exit code is that of Vitest when they agree', async () => {
  // On a server of somebody, and with names that tell one server from another.
  const alike = await run(['alike'], { FIXTURE_OPTIONS: servers() })
  expect(reportOf(alike)).toBe(
    '[@faasjs/pg] 4 tests agree on first (PostgreSQL 18.4) and second (PostgreSQL 18.4)',
  )
  expect(alike).toMatchObject({ exitCode: 0, passed: 8, failed: 0 })
})

test('E31 each project has its engines, and a global setup that runs once', async () => {
  const config = ['--config=projects.config.ts']
  const all = await run([...config, '-t', 'agrees|have|no test'])
  expect(all).toMatchObject({ exitCode: 0, passed: 7 })
  expect(all.output).toContain(
    '[@faasjs/pg] unit: 2 tests agree on PGlite and private PostgreSQL 18.4\n',
  )
  expect(all.output).toContain(
    '[@faasjs/pg] web: 1 test agrees on PGlite and private PostgreSQL 18.4\n',
  )
  // One of each project that has it.
  expect(all.log.filter((line) => line === 'global setup')).toHaveLength(2)
  expect(all.log.filter((line) => line === 'global teardown')).toHaveLength(2)
})

test.each([
  // The project, an engine of it, everything but an engine, and an engine of a project without a name.
  ['--config=projects.config.ts', 'unit', ['unit (pglite)', 'unit (server)']],
  ['--config=projects.config.ts', 'unit (server)', ['unit (server)']],
  ['--config=projects.config.ts', '!*(server)', ['plain', 'unit (pglite)', 'web (pglite)']],
  ['--config=vitest.config.ts', 'postgres', ['postgres']],
])('%s --project %j', async (config, filter, projects) => {
  const { output } = await runVitest(
    'engines',
    [config, '--project', filter, '--filesOnly'],
    { FAASJS_PG_ENGINE: '' },
    'list',
  )
  const named = [...output.matchAll(/^\[(?<name>[^\]]+)\]/gm)].map((match) => match[1] ?? '')
  expect([...new Set(named)].toSorted()).toEqual(projects)
})

test('a shard runs a file on all engines, and merged reports are compared', async () => {
  const folder = join(cache, 'reports')
  const report = ['--reporter=blob', `--outputFile.blob=${join(folder, '2.json')}`]
  const shard = await run(['--shard=2/2', '-t', 'agrees|have a role', ...report])
  // The same tests of one file, on both.
  expect(shard).toMatchObject({ exitCode: 0, passed: 4 })
  expect(shard.output).toContain('2 tests agree on PGlite and private PostgreSQL 18.4\n')
  const merged = await run([`--merge-reports=${folder}`])
  expect(merged.output).toContain('2 tests agree on PGlite and private PostgreSQL\n')
})

test('a migration that one engine refuses names it', async () => {
  const broken = await run(['alike'], {
    FIXTURE_OPTIONS: JSON.stringify({
      migrations: './src/db/german',
      engines: ['pglite', 'postgres'],
    }),
  })
  expect(broken).toMatchObject({ exitCode: 1, passed: 0 })
  expect(broken.output).toContain('Test Database Error of pglite')
  expect(broken.output).toContain('migration "20260101000000000-sort-names" failed')
})

/** Two servers, as quick as they come. */
function servers(): string {
  const url = inject('postgresAdminUrl')
  const engines = ['first', 'second'].map((name, index) => ({
    name,
    engine: 'postgres',
    url,
    connections: index + 1,
  }))
  return JSON.stringify({ engines })
}

test('in watch mode, an edited file runs on every engine, and is compared', async () => {
  const root = await installFixture('engines')
  const child = spawn(process.execPath, [VITEST, 'watch', 'alike'], {
    cwd: root,
    env: {
      ...outerEnv(),
      NO_COLOR: '1',
      CI: '',
      FAASJS_PG_ENGINE: '',
      FAASJS_PG_CACHE: cache,
      FIXTURE_OPTIONS: servers(),
    },
  })
  onTestFinished(async () => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  }
  const reports = (): number => output.split('4 tests agree on first').length - 1
  const waits = (): number => output.split('Waiting for file changes').length - 1
  const patience = { timeout: 50_000, interval: 50 }
  await expect.poll(waits, patience).toBe(1)
  expect(reports()).toBe(1)
  await appendFile(join(root, 'alike.spec.ts'), '// edited\n')
  await expect.poll(waits, patience).toBe(2)
  expect(reports()).toBe(2)
})

test('only the first engine writes snapshots, and the next one reads them', async () => {
  const root = await installFixture('engines')
  const file = join(root, 'snapshots.written.ts')
  const env = {
    FAASJS_PG_ENGINE: '',
    // On CI, Vitest writes none.
    CI: '',
    FIXTURE_OPTIONS: servers(),
  }
  const written = await runVitest(root, ['--config=snapshots.config.ts', 'snapshots'], env)
  expect(written.output).toContain('Snapshots  4 written')
  expect(written).toMatchObject({ exitCode: 0, passed: 4 })
  expect(await readFile(file, 'utf8')).toMatchInlineSnapshot(`
    "import { test } from '@faasjs/pg/vitest'
    import { expect } from 'vitest'

    test('writes snapshots', async ({ db }) => {
      expect(await db.rows('roles')).toMatchInlineSnapshot(\`
        [
          {
            "name": "admin",
          },
          {
            "name": "member",
          },
        ]
      \`)
      expect({ one: 1, two: 2 }).toMatchInlineSnapshot(\`
        {
          "one": 1,
          "two": 2,
        }
      \`)
      expect(await db.count('roles')).toMatchSnapshot()
    })

    test('writes another one', () => {
      expect([1, 2]).toMatchInlineSnapshot(\`
        [
          1,
          2,
        ]
      \`)
    })
    "
  `)
})
