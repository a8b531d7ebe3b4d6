import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import pg from 'pg'
import { x } from 'tinyexec'
import { expect, inject, test, vi } from 'vitest'

import { isAlive } from '../../src/database/engines/process-identity.ts'
import { BINARIES_PACKAGE } from '../../src/testing/postgres/binaries.ts'
import { expectNobodyAt, twoAtWork, useChaos, type Worker, workers } from './chaos-run.ts'

const chaos = useChaos([BINARIES_PACKAGE])

const STAY = { FIXTURE_STAY: '600000' }
const ON_PRIVATE = { FAASJS_PG_ENGINE: 'postgres' }
const onUrl = (): NodeJS.ProcessEnv => ({
  FIXTURE_OPTIONS: JSON.stringify({ engine: 'postgres', url: inject('postgresAdminUrl') }),
})

const timeout = 240_000

async function segments(): Promise<(string | undefined)[]> {
  const { stdout } = await x('ipcs', ['-m'])
  return stdout.split('\n').map((line) => line.split(/\s+/)[1])
}

test.each([
  ['kill -9 of the main process', 'SIGKILL', 'main'],
  ['Ctrl-C', 'SIGINT', 'all'],
  ['kill -9 of everything', 'SIGKILL', 'all'],
] as const)('E7 %s: nothing is left of a private server', { timeout }, async (_, signal, whom) => {
  const run = chaos.start({ ...STAY, ...ON_PRIVATE })
  await run.until(twoAtWork)
  const [worker] = workers(run.lines)
  const { folder = '', url = '' } = worker ?? {}
  const pidFile = (await readFile(`${folder}/postmaster.pid`, 'utf8')).split('\n')
  const server = Number(pidFile[0])
  const segment = pidFile[6]?.trim().split(/\s+/).at(-1)
  expect(await segments()).toContain(segment)
  run.kill(signal, whom)
  await run.ended()
  await run.gone()
  await vi.waitUntil(() => !isAlive(server) && !existsSync(dirname(folder)), { timeout: 60_000 })
  expect(await segments()).not.toContain(segment)
  await expectNobodyAt(url)
})

/** Databases of the runs of these workers that are still there. */
async function left(all: readonly Worker[]): Promise<string[]> {
  const client = new pg.Client(inject('postgresAdminUrl'))
  await client.connect()
  const { rows } = await client.query<{ name: string }>(
    `select datname as name from pg_database where datname like 'fpg\\_%'`,
  )
  await client.end()
  const runs = new Set(all.map(({ database }) => runOf(database)))
  return rows.map(({ name }) => name).filter((name) => runs.has(runOf(name)))
}

/** The part of a database's name that all of one run have. */
function runOf(database: string): string {
  return /^fpg_[0-9a-f]+_[0-9a-f]{8}_/.exec(database)?.[0] ?? ''
}

test(
  'E10 shards on one server: none minds another, or one that was killed before',
  { timeout },
  async () => {
    const killed = chaos.start({ ...STAY, ...onUrl() }, ['--pool=forks'])
    await killed.until(twoAtWork)
    const dead = workers(killed.lines)
    process.kill(dead[0]?.pid ?? 0, 'SIGKILL')
    killed.kill('SIGKILL')
    await killed.ended()
    await killed.gone()
    expect((await left(dead)).length).toBeGreaterThan(0)

    const shards = [1, 2].map((shard) =>
      chaos.start({ ...onUrl(), FIXTURE_STAY: '500' }, [`--shard=${shard}/2`]),
    )
    const codes = await Promise.all(shards.map((shard) => shard.ended()))
    expect(codes, shards.map(({ output }) => output).join('')).toEqual([0, 0])
    const living = shards.map(({ lines }) => workers(lines))
    expect(
      living
        .flat()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['a', 'b', 'c'])
    const runs = living.map((found) => [...new Set(found.map(({ database }) => runOf(database)))])
    expect(new Set(runs.flat()).size).toBe(2)
    // The server takes the lease back when it notices that the connection is gone.
    await vi.waitUntil(
      async () => {
        const sweep = chaos.start(onUrl())
        expect(await sweep.ended()).toBe(0)
        return (await left([...dead, ...living.flat(), ...workers(sweep.lines)])).length === 0
      },
      { timeout: 120_000 },
    )
  },
)

test(
  'two runs at once on one server while a third is killed: both finish',
  { timeout },
  async () => {
    // A template that no other test has made.
    const migration = join(chaos.root, 'src/db/migrations/20250101000000000-unique.sql')
    await writeFile(migration, `CREATE TABLE ${basename(chaos.root).replaceAll('-', '_')} ();`)
    const builder = chaos.start({ FIXTURE_SLOW: '30000', ...onUrl() })
    await builder.until((lines) => lines.includes('migrating'))
    // They wait for the one who builds.
    const others = [chaos.start(onUrl()), chaos.start(onUrl(), ['--pool=threads'])]
    builder.kill('SIGKILL')
    expect(await Promise.all(others.map((run) => run.ended()))).toEqual([0, 0])
    const built = others.flatMap(({ lines }) => lines).filter((line) => line === 'migrating')
    expect(built).toHaveLength(1)
    for (const run of [builder, ...others]) await run.gone()
    expect(await left(others.flatMap(({ lines }) => workers(lines)))).toEqual([])
  },
)
