import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeEach, expect, onTestFinished, test } from 'vitest'

import { LAYER_PREFIX, SnapshotCache } from '../../../src/testing/cache/snapshot-cache.ts'
import type { Snapshot } from '../../../src/testing/pglite/snapshot.ts'

let folder = ''
let other = ''
let unwritable: (readonly string[])[] = []
let cache: SnapshotCache

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'faasjs-pg-cache-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  folder = join(root, 'project')
  other = join(root, 'machine')
  unwritable = []
  cache = cacheOf([folder, other], [other, folder])
})

function cacheOf(project: string[], machine: string[]): SnapshotCache {
  return new SnapshotCache({ project, machine }, (folders) => unwritable.push(folders))
}

function snapshot(text: string): Snapshot {
  const bytes = new SharedArrayBuffer(text.length)
  new Uint8Array(bytes).set(Buffer.from(text))
  return { bytes }
}

function text(found: Snapshot | undefined): string | undefined {
  return found && Buffer.from(new Uint8Array(found.bytes)).toString()
}

test('keeps a snapshot, and finds it again', async () => {
  expect(await cache.get('a')).toBeUndefined()
  expect(await cache.has('a')).toBe(false)
  await cache.put('a', snapshot('rows'))
  expect(await cache.has('a')).toBe(true)
  expect(text(await cache.get('a'))).toBe('rows')
  expect(await readdir(folder)).toEqual(['a.snapshot'])
})

test('keeps what every project needs in the folder of the machine', async () => {
  await cache.put('a', snapshot('cluster'), 'machine')
  expect(await readdir(other)).toEqual(['a.snapshot'])
  expect(text(await cache.get('a', 'machine'))).toBe('cluster')
})

test.each([
  ['a changed byte', (bytes: Buffer) => bytes.fill(0, bytes.length - 1)],
  ['a missing end', (bytes: Buffer) => bytes.subarray(0, -1)],
  ['another beginning', (bytes: Buffer) => bytes.fill(0, 0, 1)],
  ['nothing in it', () => Buffer.alloc(0)],
])('removes a damaged file: %s', async (_, damage) => {
  await cache.put('a', snapshot('rows'))
  const path = join(folder, 'a.snapshot')
  await writeFile(path, damage(await readFile(path)))
  expect(await cache.get('a')).toBeUndefined()
  expect(await readdir(folder)).toEqual([])
  await cache.put('a', snapshot('again'))
  expect(text(await cache.get('a'))).toBe('again')
})

test('keeps those used last', async () => {
  for (const [age, key] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
    await cache.put(key, snapshot(key))
    const time = new Date(Date.now() - (10 - age) * 60_000)
    await utimes(join(folder, `${key}.snapshot`), time, time)
  }
  await cache.get('a')
  await cache.put('g', snapshot('g'))
  const names = (await readdir(folder)).toSorted()
  expect(names.map((name) => name[0])).toEqual(['a', 'c', 'd', 'e', 'f', 'g'])
})

test('keeps those of test files beside the others, not in their place', async () => {
  await cache.put('a', snapshot('a'))
  for (let age = 7; age >= 0; age--) {
    const key = `${LAYER_PREFIX}${age}`
    await cache.put(key, snapshot(key))
    const time = new Date(Date.now() - age * 60_000)
    await utimes(join(folder, `${key}.snapshot`), time, time)
  }
  await cache.put('b', snapshot('b'))
  expect((await readdir(folder)).toSorted()).toEqual([
    'a.snapshot',
    'b.snapshot',
    ...[0, 1, 2, 3, 4, 5].map((age) => `seed-${age}.snapshot`),
  ])
})

test('takes the next folder when one cannot be written, and says so when none can', async () => {
  const file = join(tmpdir(), `faasjs-pg-no-folder-${process.pid}`)
  await writeFile(file, '')
  onTestFinished(() => rm(file))
  await cacheOf([join(file, 'below'), other], []).put('a', snapshot('rows'))
  expect(await readdir(other)).toEqual(['a.snapshot'])
  expect(unwritable).toEqual([])

  const nowhere = cacheOf([join(file, 'below')], [])
  await nowhere.put('a', snapshot('rows'))
  expect(await nowhere.get('a')).toBeUndefined()
  expect(await nowhere.lockPath('a')).toBeUndefined()
  expect(unwritable).toEqual([[join(file, 'below')]])
})

test('removes what killed processes left, and nothing else', async () => {
  await cache.put('a', snapshot('rows'))
  const gone = spawnSync(process.execPath, ['--eval', '']).pid
  const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
  const old = 'b.snapshot.0123.tmp'
  const killed = `b.snapshot.${host}-${gone}-0123456789ab.tmp`
  const running = `b.snapshot.${host}-${process.pid}-0123456789ab.tmp`
  const elsewhere = `b.snapshot.00000000-${gone}-0123456789ab.tmp`
  for (const name of [old, killed, running, elsewhere]) await writeFile(join(folder, name), 'half')
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000)
  await utimes(join(folder, old), yesterday, yesterday)
  const holder = { host: hostname(), since: Date.now() }
  await writeFile(join(folder, 'killed.lock'), JSON.stringify({ ...holder, pid: gone }))
  await writeFile(join(folder, 'held.lock'), JSON.stringify({ ...holder, pid: process.pid }))
  await cache.sweep()
  expect((await readdir(folder)).toSorted()).toEqual(
    ['a.snapshot', running, elsewhere, 'held.lock'].toSorted(),
  )
})
