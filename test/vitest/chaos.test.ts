import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeEach, expect, onTestFinished, test } from 'vitest'

import { installFixture } from './install-fixture.ts'
import { runVitest } from './run-vitest.ts'
import { VitestProcess } from './vitest-process.ts'

let root = ''
let cache = ''
let temporary = ''
let runs = 0

// An empty cluster takes seconds to make, and is no part of any of this.
const machine = join(tmpdir(), 'faasjs-pg-chaos-machine')

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fpg-chaos-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  cache = join(folder, 'cache')
  temporary = join(folder, 'tmp')
  await mkdir(temporary)
  root = await installFixture('chaos')
})

function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { FAASJS_PG_CACHE: cache, XDG_CACHE_HOME: machine, TMPDIR: temporary, ...more }
}

function start(more: NodeJS.ProcessEnv = {}, args: readonly string[] = []): VitestProcess {
  const run = new VitestProcess(root, join(cache, `../log-${++runs}`), environment(more), args)
  onTestFinished(() => run.destroy())
  return run
}

interface Worker {
  readonly name: string
  readonly pid: number
  readonly url: string
}

const workers = (lines: readonly string[]): Worker[] =>
  lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Worker)

const twoAtWork = (lines: readonly string[]): boolean => workers(lines).length >= 2

/** The next run finds nothing in its way and leaves nothing of the last one behind. */
async function expectCleanNextRun(): Promise<void> {
  const next = await runVitest(root, ['--maxWorkers=2'], environment())
  expect(next.output).not.toMatch(/FAIL|warn|error/i)
  expect(next).toMatchObject({ exitCode: 0, passed: 3 })
  const isLeft = (name: string): boolean => !name.endsWith('.snapshot')
  expect((await readdir(cache)).filter(isLeft)).toEqual([])
  expect((await readdir(join(machine, 'faasjs-pg'))).filter(isLeft)).toEqual([])
  expect(await ours(temporary)).toEqual([])
}

/** Vitest and Node have folders of their own there. */
async function ours(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /faasjs|fpg|PGSQL/i.test(name))
}

async function expectNobodyAt(url: string): Promise<void> {
  const { port } = new URL(url)
  const refused = await new Promise<string | undefined>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.destroy()
      resolve('connected')
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
  expect(refused).toBe('ECONNREFUSED')
}

const timeout = 240_000

test.each([
  ['kill -9 of the main process', 'SIGKILL', 'main'],
  ['SIGTERM of the main process', 'SIGTERM', 'main'],
  ['Ctrl-C', 'SIGINT', 'all'],
  ['kill -9 of everything', 'SIGKILL', 'all'],
] as const)('%s: the next run starts clean', { timeout }, async (_, signal, whom) => {
  const run = start({ FIXTURE_STAY: '600000' })
  await run.until(twoAtWork)
  run.kill(signal, whom)
  await run.ended()
  await run.gone()
  for (const { url } of workers(run.lines)) await expectNobodyAt(url)
  await expectCleanNextRun()
})

test('kill -9 of a test worker: the others go on, and nothing is left', { timeout }, async () => {
  const run = start({ FIXTURE_STAY: '2000' }, ['--pool=forks'])
  await run.until(twoAtWork)
  const [victim] = workers(run.lines)
  process.kill(victim?.pid ?? 0, 'SIGKILL')
  expect(await run.ended()).toBe(1)
  await run.gone()
  const names = new Set(workers(run.lines).map(({ name }) => name))
  expect([...names].toSorted()).toEqual(['a', 'b', 'c'])
  expect(run.output).toMatch(/2 passed/)
  await expectCleanNextRun()
})

test.each([['while migrations run', { FIXTURE_SLOW: '30000' }]])(
  'kill -9 %s: the lock it held is nobody’s',
  { timeout },
  async (_, env) => {
    const run = start(env)
    await run.until((lines) => lines.includes('migrating'))
    expect((await readdir(cache)).filter((name) => name.endsWith('.lock'))).toHaveLength(1)
    run.kill('SIGKILL')
    await run.gone()
    await expectCleanNextRun()
  },
)

test('half a snapshot and half a lock do no harm', { timeout }, async () => {
  const first = start()
  expect(await first.ended()).toBe(0)
  const snapshots = await readdir(cache)
  expect(snapshots.length).toBeGreaterThan(0)
  for (const name of snapshots) await writeFile(join(cache, name), 'half')
  // Killed between making the file and writing into it.
  const run = start({ FIXTURE_SLOW: '30000' })
  await run.until((lines) => lines.includes('migrating'))
  run.kill('SIGKILL')
  await run.gone()
  for (const name of await readdir(cache)) {
    if (name.endsWith('.lock')) await writeFile(join(cache, name), '')
  }
  await expectCleanNextRun()
})

test('two runs at once while a third is killed: both finish', { timeout }, async () => {
  const builder = start({ FIXTURE_SLOW: '30000' })
  await builder.until((lines) => lines.includes('migrating'))
  // They wait for the one who builds.
  const others = [start(), start()]
  builder.kill('SIGKILL')
  expect(await Promise.all(others.map((run) => run.ended()))).toEqual([0, 0])
  const built = others.flatMap(({ lines }) => lines).filter((line) => line === 'migrating')
  expect(built).toHaveLength(1)
  for (const run of [builder, ...others]) await run.gone()
  await expectCleanNextRun()
})

test('a database whose thread is killed comes back for the next test', { timeout }, async () => {
  const run = await runVitest('killed-host', [], { FIXTURE_KILL: join(temporary, 'kill') })
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 3 })
})
