import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

import { createTestDatabase, type TestDatabaseOptions } from '@faasjs/pg/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'

import { isAlive } from '../../../src/database/engines/process-identity.ts'
import { ServerRun } from '../../../src/testing/postgres/server-run.ts'

const migrations = resolve('test/testing/fixtures/migrations')
const script = resolve('test/testing/fixtures/lasting.mjs')

let cache = ''

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'faasjs-pg-cache-'))
  vi.stubEnv('FAASJS_PG_CACHE', cache)
})
afterAll(() => rm(cache, { recursive: true }))

const onServer = (): TestDatabaseOptions => ({
  engine: 'postgres',
  url: inject('postgresAdminUrl'),
  migrations,
})

/** Another process with a test database, and its URL. */
async function startRun(
  options: TestDatabaseOptions,
  variables: Readonly<Record<string, string>> = {},
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...variables },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, url: line }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function use<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const nameOf = (url: string): string => new URL(url).pathname.slice(1)

async function databases(): Promise<string[]> {
  const sql = `select datname from pg_database where datname like 'fpg%' order by 1`
  return await use(inject('postgresAdminUrl'), async (client) =>
    (await client.query<{ datname: string }>(sql)).rows.map(({ datname }) => datname),
  )
}

test('what a killed run leaves on a server goes with the next one, and nothing of a living one', async () => {
  const living = await startRun(onServer())
  const killed = await startRun(onServer())
  await kill(killed.child)
  expect(await databases()).toEqual(
    expect.arrayContaining([nameOf(killed.url), nameOf(living.url)]),
  )
  // The server takes the lease back when it notices that the connection is gone.
  await vi.waitFor(
    async () => {
      const next = await createTestDatabase(onServer())
      const left = await databases()
      await next.close()
      expect(left).not.toContain(nameOf(killed.url))
      expect(left).toContain(nameOf(living.url))
    },
    { timeout: 30_000 },
  )
  await use(living.url, async (client) => {
    expect((await client.query('select from roles')).rowCount).toBe(2)
  })
})

test('a template that was half built is built again', async () => {
  const admin = inject('postgresAdminUrl')
  const run = await ServerRun.open(admin)
  onTestFinished(() => run.close())
  const key = `${run.run}${'0'.repeat(24)}`
  const order = {
    key,
    bases: [],
    build: async (database: string) => {
      const url = new URL(admin)
      url.pathname = database
      await use(url.href, (client) => client.query('create table half ()'))
    },
  }
  const { name } = await run.templates.take(order)
  onTestFinished(() => run.templates.drop(key))
  // What is there when its builder is killed before it seals it.
  await use(admin, (client) =>
    client.query(`alter database ${name} with is_template false allow_connections true`),
  )
  expect(await run.templates.has(key)).toBe(false)
  // The table would be there already.
  expect((await run.templates.take(order)).built).toBeDefined()
  expect((await run.templates.take(order)).built).toBe(undefined)
})

test('two runs at a time build a template once, and a build that fails leaves nothing', async () => {
  const admin = inject('postgresAdminUrl')
  const runs = [await ServerRun.open(admin), await ServerRun.open(admin)]
  onTestFinished(async () => void (await Promise.all(runs.map((run) => run.close()))))
  const key = `${runs[0]?.run}${'1'.repeat(24)}`
  let builds = 0
  const template = (run: ServerRun, fails: boolean): ReturnType<ServerRun['templates']['take']> =>
    run.templates.take({
      key,
      bases: [],
      build: async () => {
        builds++
        if (fails) throw new Error('on purpose')
      },
    })
  await expect(template(runs[0] as ServerRun, true)).rejects.toThrow('on purpose')
  expect((await databases()).filter((name) => name.endsWith(key))).toEqual([])
  const made = await Promise.all(runs.map((run) => template(run, false)))
  onTestFinished(() => runs[0]?.templates.drop(key))
  expect(builds).toBe(2)
  expect(made.filter(({ built }) => built)).toHaveLength(1)
})

interface Traces {
  readonly folder: string
  readonly server: number
  readonly keeper: number
}

/** Where a private server is, and its processes. */
async function tracesOf(url: string): Promise<Traces> {
  const folder = await use(url, async (client) => {
    const { rows } = await client.query<{ data: string }>(
      `select current_setting('data_directory') as data`,
    )
    return resolve(rows[0]?.data ?? '', '..')
  })
  const [pid = ''] = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const keeper = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  return { folder, server: Number(pid), keeper }
}

const isLinux = process.platform === 'linux'

test.runIf(isLinux)('nothing of a private server is left when its run is killed', async () => {
  const { child, url } = await startRun({ engine: 'postgres', migrations })
  const { folder, server } = await tracesOf(url)
  expect(existsSync(folder)).toBe(true)
  await kill(child)
  await vi.waitUntil(() => !existsSync(folder) && !isAlive(server), { timeout: 30_000 })
})

test.runIf(isLinux)(
  'nor where there is no setpriv, and the temp folder has a long name',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faasjs-pg-sparse-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    // For the user that the server runs as, too.
    await chmod(folder, 0o755)
    // The programs that a server is started, watched and removed with; nothing else is found.
    const [bin, temporary] = [join(folder, 'bin'), join(folder, 'x'.repeat(120))]
    await Promise.all([bin, temporary].map((path) => mkdir(path)))
    for (const program of ['sh', 'cat', 'cp', 'rm', 'sed', 'chmod']) {
      const found = ['/bin', '/usr/bin'].map((path) => join(path, program)).find(existsSync)
      await symlink(found ?? program, join(bin, program))
    }
    const variables = { PATH: bin, TMPDIR: temporary }
    const { child, url } = await startRun({ engine: 'postgres', migrations }, variables)
    const { folder: place, server } = await tracesOf(url)
    await kill(child)
    await vi.waitUntil(() => !existsSync(place) && !isAlive(server), { timeout: 30_000 })
  },
)

test.runIf(isLinux)('nor when its keeper is killed as well, once the next one starts', async () => {
  const { child, url } = await startRun({ engine: 'postgres', migrations })
  const { folder, server, keeper } = await tracesOf(url)
  process.kill(keeper, 'SIGKILL')
  await kill(child)
  expect(existsSync(folder)).toBe(true)
  const next = await createTestDatabase({ engine: 'postgres', migrations })
  await next.close()
  expect(existsSync(folder)).toBe(false)
  // Its files go first.
  await vi.waitUntil(() => !isAlive(server), { timeout: 30_000 })
})
