import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeEach, expect, onTestFinished, test } from 'vitest'

import { fixturePath, outerEnv, runVitest, VITEST } from '../run-vitest.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faasjs-pg-runs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
})

test('E6 a worker is killed, and another outlives its file: the next file has the slot for itself', async () => {
  const run = await runVitest('deaths', ['--maxWorkers=1'], {})
  // Vitest reports the killed file as an error of the run.
  expect(run.exitCode).toBe(1)
  expect(run.log.filter((line) => line !== 'migrated' && line !== 'asked to end')).toEqual([
    'killed',
    'stubborn',
    'after 1',
    'after 2',
  ])
  expect(run.tests.filter(({ status }) => status === 'passed')).toHaveLength(3)
  expect(run.failed).toBe(0)
})

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'E7 the main process is ended with %s: nothing is left, and the next run starts clean',
  async (signal) => {
    const logFile = join(folder, 'log')
    const env = { FIXTURE_LOG: logFile, FAASJS_PG_CACHE: join(folder, 'cache') }
    const child = spawn(process.execPath, [VITEST, 'run'], {
      cwd: fixturePath('deaths'),
      env: { ...outerEnv(), ...env, FIXTURE_INCLUDE: 'waits.slow.ts' },
      stdio: 'ignore',
    })
    const started = async (): Promise<string | undefined> =>
      /^\d+ postgres.*$/m.exec(await readFile(logFile, 'utf8').catch(() => ''))?.[0]
    await expect.poll(started, { timeout: 60_000 }).toBeDefined()
    const [pid = '', url = ''] = ((await started()) ?? '').split(' ')
    // An orphaned worker would wait out its test.
    onTestFinished(() => endProcess(Number(pid)))
    child.kill(signal)
    await once(child, 'exit')
    const port = Number(new URL(url).port)
    await expect.poll(() => answers(port), { timeout: 20_000 }).toBe(false)
    const left = await readdir(env.FAASJS_PG_CACHE)
    expect(left.filter((name) => !name.endsWith('.snapshot'))).toEqual([])

    const next = await runVitest('deaths', ['--maxWorkers=1'], {
      ...env,
      FIXTURE_INCLUDE: 'c-after.spec.ts',
    })
    expect(next).toMatchObject({ exitCode: 0, passed: 2 })
  },
)

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const isThere = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  })
  socket.destroy()
  return isThere
}

test.each([['forks'], ['threads']])(
  'E11 a migration fails: one build, one message, exit 1, nothing is left: %s',
  async (pool) => {
    const cache = join(folder, 'cache')
    const run = await runVitest('broken', [`--pool=${pool}`, '--maxWorkers=2'], {
      FAASJS_PG_CACHE: cache,
    })
    expect(run).toMatchObject({ exitCode: 1, passed: 0 })
    expect(run.log.filter((line) => line === 'migrated')).toHaveLength(1)
    const [report, ...again] = run.output.split('FAASJS_PG_STATEMENT_FAILED  ').slice(1)
    expect(again).toEqual([])
    expect(report).toMatch(
      /^migration "20260101000000000-create-things" failed at .*create-things\.ts:10/,
    )
    expect(report).toContain('CREATE TABEL things_again')
    expect(report).toContain('42601')
    expect(await readdir(cache).catch(() => [])).toEqual([])
  },
)

test('E12 without a folder of migrations databases are empty, and one line says so', async () => {
  const run = await runVitest('empty', ['--maxWorkers=2'])
  expect(run).toMatchObject({ exitCode: 0, passed: 2 })
  expect(run.output.match(/no folder src\/db\/migrations: test databases are empty/g)).toHaveLength(
    1,
  )
})

test('E12 a folder that somebody asked for must be there', async () => {
  const run = await runVitest('empty', [], { FIXTURE_MIGRATIONS: 'db/nowhere' })
  expect(run).toMatchObject({ exitCode: 1, passed: 0 })
  expect(run.output).toContain('FAASJS_PG_FOLDER_NOT_FOUND  migration folder not found')
  expect(run.output).toContain('db/nowhere')
})

test('E12 in an empty folder are no migrations, and one line says so', async () => {
  await writeFile(join(folder, 'README.md'), 'not a migration')
  const run = await runVitest('empty', ['--maxWorkers=2'], { FIXTURE_MIGRATIONS: folder })
  expect(run).toMatchObject({ exitCode: 0, passed: 2 })
  expect(run.output.match(/no migrations in .*: test databases are empty/g)).toHaveLength(1)
})

test.each([
  ['sql', 'tables from_pair from_sql', '2 migrations run'],
  ['javascript', 'tables from_javascript', '1 migration run'],
])('E12 a folder with nothing but %s files counts', async (format, line, report) => {
  const run = await runVitest('formats', [], { FIXTURE_MIGRATIONS: format })
  expect(run).toMatchObject({ exitCode: 0, passed: 1, log: [line] })
  expect(run.output).toContain(report)
})

test('E39 listing tests boots nothing', async () => {
  const { log, output } = await runVitest('app', [], {}, 'list')
  expect(output).toContain('first test starts from the baseline')
  expect(log).toEqual([])
})

test('E39 merging reports of shards boots nothing, and each shard has its databases', async () => {
  const env = { FAASJS_PG_CACHE: join(folder, 'cache') }
  for (const shard of [1, 2]) {
    const blob = `--outputFile.blob=${join(folder, 'blobs', `${shard}.json`)}`
    const run = await runVitest('app', [`--shard=${shard}/2`, '--reporter=blob', blob], env)
    expect(run).toMatchObject({ exitCode: 0, failed: 0 })
  }
  const merged = await runVitest('app', [`--merge-reports=${join(folder, 'blobs')}`], env)
  expect(merged).toMatchObject({ exitCode: 0, passed: 12, log: [] })
  expect(merged.output).not.toContain('booted')
})

test('E40 more workers than memory has room for: one line says so, with the numbers', async () => {
  const crowded = await runVitest('workers', ['--maxWorkers=2'], { FIXTURE_MEMORY: '230' })
  expect(crowded).toMatchObject({ exitCode: 0, passed: 2 })
  expect(
    crowded.output.match(
      /2 workers with a database each need about 265 MB, and 230 MB are free: set maxWorkers .* to 1/g,
    ),
  ).toHaveLength(1)
  const roomy = await runVitest('workers', ['--maxWorkers=2'], { FIXTURE_MEMORY: '300' })
  expect(roomy.output).not.toContain('are free')
})
