import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { expectNobodyAt, MACHINE_CACHE, twoAtWork, useChaos, workers } from './chaos-run.ts'
import { runVitest } from './run-vitest.ts'

const chaos = useChaos()

/** The next run finds nothing in its way and leaves nothing of the last one behind. */
async function expectCleanNextRun(): Promise<void> {
  const next = await runVitest(chaos.root, ['--maxWorkers=2'], chaos.environment())
  expect(next.output).not.toMatch(/FAIL|warn|error/i)
  expect(next).toMatchObject({ exitCode: 0, passed: 3 })
  const isLeft = (name: string): boolean => !/\.(?:snapshot|cluster)$/.test(name)
  expect((await readdir(chaos.cache)).filter(isLeft)).toEqual([])
  expect((await readdir(join(MACHINE_CACHE, 'faasjs-pg'))).filter(isLeft)).toEqual([])
  expect(await ours(chaos.temporary)).toEqual([])
}

/** Vitest and Node have folders of their own there. */
async function ours(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /faasjs|fpg|PGSQL/i.test(name))
}

const timeout = 240_000

test.each([
  ['kill -9 of the main process', 'SIGKILL', 'main'],
  ['SIGTERM of the main process', 'SIGTERM', 'main'],
  ['Ctrl-C', 'SIGINT', 'all'],
  ['kill -9 of everything', 'SIGKILL', 'all'],
] as const)('%s: the next run starts clean', { timeout }, async (_, signal, whom) => {
  const run = chaos.start({ FIXTURE_STAY: '600000' })
  await run.until(twoAtWork)
  run.kill(signal, whom)
  await run.ended()
  await run.gone()
  for (const { url } of workers(run.lines)) await expectNobodyAt(url)
  await expectCleanNextRun()
})

test('kill -9 of a test worker: the others go on, and nothing is left', { timeout }, async () => {
  const run = chaos.start({ FIXTURE_STAY: '2000' }, ['--pool=forks'])
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
    const run = chaos.start(env)
    await run.until((lines) => lines.includes('migrating'))
    expect((await readdir(chaos.cache)).filter((name) => name.endsWith('.lock'))).toHaveLength(1)
    run.kill('SIGKILL')
    await run.gone()
    await expectCleanNextRun()
  },
)

test('half a snapshot and half a lock do no harm', { timeout }, async () => {
  const first = chaos.start()
  expect(await first.ended()).toBe(0)
  const snapshots = await readdir(chaos.cache)
  expect(snapshots.length).toBeGreaterThan(0)
  for (const name of snapshots) await writeFile(join(chaos.cache, name), 'half')
  // Killed between making the file and writing into it.
  const run = chaos.start({ FIXTURE_SLOW: '30000' })
  await run.until((lines) => lines.includes('migrating'))
  run.kill('SIGKILL')
  await run.gone()
  for (const name of await readdir(chaos.cache)) {
    if (name.endsWith('.lock')) await writeFile(join(chaos.cache, name), '')
  }
  await expectCleanNextRun()
})

test('two runs at once while a third is killed: both finish', { timeout }, async () => {
  const builder = chaos.start({ FIXTURE_SLOW: '30000' })
  await builder.until((lines) => lines.includes('migrating'))
  // They wait for the one who builds.
  const others = [chaos.start(), chaos.start()]
  builder.kill('SIGKILL')
  expect(await Promise.all(others.map((run) => run.ended()))).toEqual([0, 0])
  const built = others.flatMap(({ lines }) => lines).filter((line) => line === 'migrating')
  expect(built).toHaveLength(1)
  for (const run of [builder, ...others]) await run.gone()
  await expectCleanNextRun()
})

test('a database whose thread is killed comes back for the next test', { timeout }, async () => {
  const run = await runVitest('killed-host', [], { FIXTURE_KILL: join(chaos.temporary, 'kill') })
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 3 })
})
