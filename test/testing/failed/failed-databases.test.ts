import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import { thisProcess } from '../../../src/database/engines/process-identity.ts'
import { cleanTests } from '../../../src/testing/failed/clean-tests.ts'
import { FailedDatabases } from '../../../src/testing/failed/failed-databases.ts'
import { failedFolder, listKept } from '../../../src/testing/failed/kept-database.ts'
import type { SlotDatabase } from '../../../src/testing/host/slot-database.ts'

let root = ''
let folder = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'faasjs-pg-failed-'))
  onTestFinished(() => rm(root, { recursive: true }))
  folder = failedFolder(root)
})

/** A database that is kept as a file. */
const host = {
  keep: async (path: string) => {
    await writeFile(join(path, 'database'), '')
    return { kind: 'pglite' }
  },
} as unknown as SlotDatabase

/** One that cannot be kept. */
const empty = { keep: async () => undefined } as unknown as SlotDatabase

const named = (name: string): { name: string; error: string } => ({ name, error: 'an error' })

async function names(): Promise<Record<number, string>> {
  const kept = [...(await listKept(folder))]
  return Object.fromEntries(kept.map(([number, { name }]) => [number, name]))
}

test('a run keeps its first ones, in place of those of earlier runs', async () => {
  const first = new FailedDatabases(folder, 2)
  expect(await first.keep(named('a'), host)).toBe(1)
  expect(await first.keep(named('nothing'), empty)).toBe(undefined)
  expect(await first.keep(named('b'), host)).toBe(2)
  expect(await first.keep(named('c'), host)).toBe(undefined)
  // Another attempt of the same test.
  expect(await first.keep(named('a'), host)).toBe(1)
  expect(await names()).toEqual({ 1: 'a', 2: 'b' })
  // Run again, in watch mode.
  first.beginRun()
  expect(await first.keep(named('c'), host)).toBe(1)
  expect(await names()).toEqual({ 1: 'c', 2: 'b' })
  await first.discard('c')
  expect(await names()).toEqual({ 2: 'b' })
  expect(await first.keep(named('d'), host)).toBe(1)
})

test('what is kept is nobody else’s, and not for git', async () => {
  await new FailedDatabases(folder, 2).keep(named('a'), host)
  expect(await readFile(join(root, '.faasjs-pg/.gitignore'), 'utf8')).toBe('*\n')
  expect((await stat(join(folder, '1/about.json'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(folder, '1'))).mode & 0o777).toBe(0o700)
  expect(await readdir(join(folder, '1'))).toEqual(['about.json', 'database'])
})

test('the numbers of another run that goes on are left to it', async () => {
  await new FailedDatabases(folder, 3).keep(named('a'), host)
  const about = join(folder, '1/about.json')
  const kept = JSON.parse(await readFile(about, 'utf8')) as object
  // The parent of this process runs as long as this.
  const { host: machine } = thisProcess()
  await writeFile(about, JSON.stringify({ ...kept, run: { pid: process.ppid, host: machine } }))
  expect(await new FailedDatabases(folder, 3).keep(named('b'), host)).toBe(2)
  expect(await names()).toEqual({ 1: 'a', 2: 'b' })
  // A process that is gone, and half of a file.
  await writeFile(about, JSON.stringify({ ...kept, run: { pid: 2 ** 22 + 1, host: machine } }))
  expect(await new FailedDatabases(folder, 3).keep(named('c'), host)).toBe(1)
  await writeFile(about, '{')
  expect(await new FailedDatabases(folder, 3).keep(named('d'), host)).toBe(1)
})

// Other tests of this machine kill servers.
const isOurs = (what: string): boolean => !what.startsWith('what a killed server left')

test('clean removes everything, but nothing of what goes on', async () => {
  const cache = join(root, 'cache')
  vi.stubEnv('FAASJS_PG_CACHE', cache)
  onTestFinished(() => void vi.unstubAllEnvs())
  await mkdir(join(cache, 'abc.cluster'), { recursive: true })
  await writeFile(join(cache, 'abc.snapshot'), '')
  await writeFile(join(cache, 'abc.snapshot.0-1-2.tmp'), '')
  await writeFile(join(cache, 'something else'), '')
  const lock = join(cache, 'abc.lock')
  await writeFile(lock, JSON.stringify({ ...thisProcess(), since: Date.now() }))
  await new FailedDatabases(folder, 2).keep(named('a'), host)
  await mkdir(join(folder, 'server-unused'))

  const busy = await cleanTests(root)
  expect(busy.removed.filter(isOurs)).toEqual([])
  expect(busy.left).toEqual([
    'database 1 of "a": its run goes on',
    'snapshots in cache: a run is building one',
  ])
  await rm(lock)
  const about = join(folder, '1/about.json')
  const kept = JSON.parse(await readFile(about, 'utf8')) as { run: object }
  await writeFile(about, JSON.stringify({ ...kept, run: { ...kept.run, pid: 2 ** 22 + 1 } }))
  const { removed, left } = await cleanTests(root)
  expect(left).toEqual([])
  expect(removed.filter(isOurs).toSorted()).toEqual([
    'database 1 of "a"',
    'snapshot cache/abc.cluster',
    'snapshot cache/abc.snapshot',
    'snapshot cache/abc.snapshot.0-1-2.tmp',
  ])
  expect(await readdir(cache)).toEqual(['something else'])
  expect(existsSync(join(root, '.faasjs-pg'))).toBe(false)
  expect((await cleanTests(root)).removed.filter(isOurs)).toEqual([])
})
