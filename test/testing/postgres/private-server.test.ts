import { readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { x } from 'tinyexec'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'

import type { Binaries } from '../../../src/testing/postgres/binaries.ts'
import {
  newPassword,
  type PrivateServer,
  type PrivateServerOptions,
  startPrivateServer,
} from '../../../src/testing/postgres/private-server.ts'
import { diskRoots, scratchRoots } from '../../../src/testing/postgres/scratch-roots.ts'
import { serverUser } from '../../../src/testing/postgres/server-user.ts'
import { connect } from '../../helpers/connect.ts'
import { findPostgres } from '../../helpers/postgres-binaries.ts'
import { emptyCluster } from '../../helpers/postgres-template.ts'

const isLinux = process.platform === 'linux'
// A file system on Linux that holds nothing that anybody writes.
const FULL = '/proc'
const user = serverUser()
let binaries: Binaries
let cluster = ''

beforeAll(async () => {
  binaries = await findPostgres(user)
  cluster = await emptyCluster(binaries, user)
})

async function start(options: Partial<PrivateServerOptions> = {}): Promise<PrivateServer> {
  const password = newPassword()
  const server = await startPrivateServer({ binaries, user, cluster, password, ...options })
  onTestFinished(() => server.stop())
  return server
}

/** The regular files of a folder by path in it: what tells a file from all others, and how many names it has. */
async function filesOf(folder: string): Promise<Map<string, { id: string; links: number }>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      paths.map(async (path) => {
        const { dev, ino, nlink } = await stat(path)
        return [path.slice(folder.length), { id: `${dev} ${ino}`, links: nlink }] as const
      }),
    ),
  )
}

test.runIf(isLinux)('its data is in memory where there is room, else on disk', () => {
  const disk = diskRoots(user)
  // Any folder with a gigabyte to spare does for memory.
  expect(scratchRoots(user, { memory: tmpdir() })).toEqual([tmpdir(), ...disk])
  expect(scratchRoots(user, { memory: FULL })).toEqual(disk)
  expect(scratchRoots(user, { memory: join(tmpdir(), 'missing') })).toEqual(disk)
})

test('its folder is where a socket has a path that is short enough, and its user may go', () => {
  const long = join('/tmp', 'x'.repeat(100))
  expect(diskRoots(undefined, long)).toEqual(['/tmp'])
  expect(diskRoots(undefined, '/var/tmp')).toEqual(['/var/tmp', '/tmp'])
  const somebody = { uid: 65_534, gid: 65_534 }
  expect(diskRoots(somebody, '/nowhere')).toEqual(['/tmp'])
  expect(diskRoots(undefined, '/nowhere')).toEqual(['/nowhere', '/tmp'])
})

test('a place that takes no folder is passed over, and the socket works', async () => {
  const roots = [FULL, '/nowhere', ...diskRoots(user, join(tmpdir(), 'x'.repeat(100)))]
  const server = await start({ roots })
  expect(dirname(server.place.folder)).toBe('/tmp')
  const client = await connect(server.socketUrl('postgres'))
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('no place takes it: an error says why', async () => {
  await expect(start({ roots: ['/nowhere', FULL] })).rejects.toMatchObject({
    code: 'FAASJS_PG_SERVER_NOT_STARTED',
    message: expect.stringContaining('ENOENT: no such file or directory, mkdtemp'),
  })
})

test('without a shell it is an error at once', async () => {
  vi.stubEnv('PATH', '/nowhere')
  onTestFinished(() => void vi.unstubAllEnvs())
  await expect(start()).rejects.toMatchObject({
    code: 'FAASJS_PG_SERVER_NOT_STARTED',
    message: expect.stringContaining('spawn sh ENOENT'),
  })
})

test('no file of its data directory is one of the cache', async () => {
  // On one file system, where they could be linked.
  const server = await start({ roots: [dirname(cluster)] })
  const [cached, used] = [await filesOf(cluster), await filesOf(join(server.place.folder, 'data'))]
  expect((await stat(server.place.folder)).dev).toBe((await stat(cluster)).dev)
  // All of them were copied, and none is both, or has another name somewhere.
  expect(cached.size).toBeGreaterThan(300)
  const missing = [...cached.keys()].filter((path) => !used.has(path))
  // The server takes statistics in, and removes the file.
  expect(missing.filter((path) => path !== '/pg_stat/pgstat.stat')).toEqual([])
  const ids = new Set([...cached.values()].map(({ id }) => id))
  expect([...used].filter(([, { id, links }]) => ids.has(id) || links > 1)).toEqual([])
})

test('it is stopped by SIGQUIT, whoever is connected, and its shared memory goes with it', async () => {
  const server = await start()
  const client = await connect(server.url('postgres'))
  const { rows } = await client.query<{ file: string }>(
    `select pg_read_file('postmaster.pid') as file`,
  )
  const segment = rows[0]?.file.split('\n')[6]?.trim().split(/\s+/).at(-1)
  const segments = async (): Promise<string[]> =>
    (await x('ipcs', ['-m'])).stdout.split('\n').map((line) => line.split(/\s+/)[1] ?? '')
  if (isLinux) expect(await segments()).toContain(segment)
  const endless = client.query('select pg_sleep(3600)').catch((error: unknown) => error)
  await server.stop()
  expect(await endless).toBeInstanceOf(Error)
  expect(await server.ended).toContain('received immediate shutdown request')
  expect(await segments()).not.toContain(segment)
  await expect(stat(server.place.folder)).rejects.toMatchObject({ code: 'ENOENT' })
})
