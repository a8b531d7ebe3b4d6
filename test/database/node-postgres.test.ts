import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

import { Client, Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'

import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import type { DatabaseTarget, OpenDatabaseOptions } from '../../src/database/open.ts'
import { ConfigError } from '../../src/errors.ts'
import { freshDatabase, startPostgres } from '../helpers/postgres.ts'
import type { FreshDatabase, PostgresServer } from '../helpers/postgres.ts'
import { runChild, sourceUrl } from '../helpers/run-child.ts'

let fresh: FreshDatabase

beforeAll(async () => {
  fresh = await freshDatabase()
})

afterAll(() => fresh.drop())

async function opened(target: DatabaseTarget, options?: OpenDatabaseOptions): Promise<Database> {
  const database = await openDatabase(target, options)
  onTestFinished(() => database.close())
  return database
}

async function one(database: Database, expression: string): Promise<unknown> {
  const { rows } = await database.query(`SELECT ${expression} AS value`)
  return rows[0]?.['value']
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

function changed(url: string, change: (url: URL) => void): string {
  const copy = new URL(url)
  change(copy)
  return copy.href
}

// PostgreSQL 17 and newer.
const DIRECT_TLS: [string, boolean][] =
  inject('postgresMajor') < 17 ? [] : [['?sslmode=no-verify&sslnegotiation=direct', true]]

/** Ends the session of a client from outside, and waits until it is gone. */
async function terminate(pid: number): Promise<void> {
  const admin = await openDatabase(fresh.url)
  await admin.query('SELECT pg_terminate_backend($1)', [pid])
  const isThere = 'SELECT FROM pg_stat_activity WHERE pid = $1'
  while ((await admin.query(isThere, [pid])).rowCount !== 0);
  await admin.close()
}

describe('URL', () => {
  test('connects when the first statement is sent, not before', async () => {
    const database = await opened('postgres://nobody@127.0.0.1:1/nothing')
    expect(database.engine).toBe('postgres')
    expect(database.label).toBe('postgres://nobody@127.0.0.1:1/nothing')
    await expect(database.query('SELECT 1')).rejects.toThrow(ConfigError)
  })

  test('its label has no password', async () => {
    const { password } = new URL(fresh.url)
    const database = await opened(`${fresh.url}?connect_timeout=5`)
    expect(database.label).toMatch(/^postgres:\/\/postgres@127\.0\.0\.1:\d+\/test_\w+$/)
    expect(JSON.stringify(database)).not.toContain(password)
  })

  test('says who it is, unless the URL, PGAPPNAME or the caller says it', async () => {
    const name = `current_setting('application_name')`
    expect(await one(await opened(fresh.url), name)).toBe('faasjs-pg')
    expect(await one(await opened(fresh.url, { applicationName: 'mine' }), name)).toBe('mine')
    expect(await one(await opened(`${fresh.url}?application_name=url`), name)).toBe('url')
    vi.stubEnv('PGAPPNAME', 'env')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await one(await opened(fresh.url), name)).toBe('env')
  })

  test('passes settings on to the server', async () => {
    const database = await opened(`${fresh.url}?options=-c%20work_mem%3D3MB&lock_timeout=1234`)
    expect(await one(database, `current_setting('work_mem')`)).toBe('3MB')
    expect(await one(database, `current_setting('lock_timeout')`)).toBe('1234ms')
  })

  test('takes the PG… variables for what it leaves out', async () => {
    const { hostname, port, username, password, pathname } = new URL(fresh.url)
    vi.stubEnv('PGHOST', hostname)
    vi.stubEnv('PGPORT', port)
    vi.stubEnv('PGUSER', username)
    vi.stubEnv('PGPASSWORD', password)
    vi.stubEnv('PGDATABASE', pathname.slice(1))
    onTestFinished(() => void vi.unstubAllEnvs())
    for (const url of ['postgres://', 'postgresql:///', `postgres://${username}@/`]) {
      expect(await one(await opened(url), 'current_database()'), url).toBe(pathname.slice(1))
    }
  })

  test.each([
    ['postgres://', 'it names no host, and PGHOST is not set'],
    ['postgres:///db', 'it names no host, and PGHOST is not set'],
    ['postgres://user@/db', 'it names no host, and PGHOST is not set'],
    ['postgres://:5432/db', 'it names no host, and PGHOST is not set'],
    ['postgres://a,b/db', 'it names several hosts'],
    ['postgres://user:secret@host:99999/db', 'it cannot be parsed'],
    ['postgres://user:sec#ret@host/db', 'it cannot be parsed'],
    ['postgres://host/db?sslrootcert=/no/such/file', 'no such file'],
  ])('%s is refused', async (url, why) => {
    vi.stubEnv('PGHOST', undefined)
    onTestFinished(() => void vi.unstubAllEnvs())
    const error = await rejection(openDatabase(url))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({
      code: 'FAASJS_PG_BAD_URL',
      why: expect.stringContaining(why) as string,
      fix: 'DATABASE_URL=postgres://user:password@localhost:5432/mydb',
    })
    expect(describeAll(error)).not.toMatch(/secret|sec#ret/)
  })

  test('close is over before the process is, also with connections that were idle', async () => {
    const child = runChild(
      `import { openDatabase } from ${JSON.stringify(sourceUrl('database/open.ts'))}
       const database = await openDatabase(${JSON.stringify(fresh.url)})
       await database.query('SELECT 1')
       await new Promise((resolve) => setTimeout(resolve, 20))
       await database.close()
       console.log('closed')`,
    )
    expect(await child.line()).toBe('closed')
    expect(await child.ended()).toMatchObject({ code: 0 })
  })

  test('leaves the process free to end', async () => {
    const child = runChild(
      `import { openDatabase } from ${JSON.stringify(sourceUrl('database/open.ts'))}
       const database = await openDatabase(process.env.URL)
       await database.transaction((transaction) => transaction.run(['SELECT 1']))
       const session = await database.session()
       await database.close()
       console.log(Date.now())
       process.on('exit', () => console.log(Date.now()))`,
      { env: { URL: fresh.url } },
    )
    const closed = Number(await child.line())
    const exited = Number(await child.line())
    expect(await child.ended()).toEqual({ code: 0, signal: null, stderr: '' })
    expect(exited - closed).toBeLessThan(1000)
  })

  test('waits in close until the connections are gone', async () => {
    const { url, drop } = await freshDatabase()
    onTestFinished(drop)
    const database = await openDatabase(url)
    await Promise.all([1, 2, 3, 4, 5].map((n) => database.query(`SELECT ${n}, pg_sleep(0.1)`)))
    await database.close()
    const admin = await opened(fresh.url)
    // Fails at once when somebody is connected.
    const name = new URL(url).pathname.slice(1)
    await admin.query(`ALTER DATABASE ${name} RENAME TO ${name}_renamed`)
    await admin.query(`ALTER DATABASE ${name}_renamed RENAME TO ${name}`)
  })

  test('close breaks off what still runs', async () => {
    const database = await openDatabase(fresh.url)
    const session = await database.session()
    const sleeping = rejection(session.query('SELECT pg_sleep(60)'))
    await database.close()
    expect(await sleeping).toMatchObject({ code: 'FAASJS_PG_CONNECTION_LOST' })
  })
})

describe('connection failures', () => {
  async function failure(url: string): Promise<ConfigError> {
    const database = await opened(url)
    const error = await rejection(database.query('SELECT 1'))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'FAASJS_PG_CONNECTION_FAILED' })
    expect(describeAll(error)).not.toContain(new URL(fresh.url).password)
    return error as ConfigError
  }

  test('wrong password', async () => {
    const error = await failure(changed(fresh.url, (url) => (url.password = 'oh-so-secret')))
    expect(error.why).toBe('password authentication failed for user "postgres" (SQLSTATE 28P01)')
    expect(error.fix).toContain('password')
    expect(error.details).toMatchObject({ user: 'postgres', sqlState: '28P01' })
    expect(describeAll(error)).not.toContain('oh-so-secret')
  })

  test('no password', async () => {
    const error = await failure(changed(fresh.url, (url) => (url.password = '')))
    expect(error.why).toContain('has none')
    expect(error.fix).toContain('PGPASSWORD')
  })

  test('unknown database', async () => {
    const error = await failure(changed(fresh.url, (url) => (url.pathname = '/nope')))
    expect(error.why).toBe('database "nope" does not exist (SQLSTATE 3D000)')
    expect(error.fix).toMatch(/^createdb --host=127\.0\.0\.1 --port=\d+ --username=postgres nope$/)
  })

  test('nobody listens', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await vi.waitUntil(() => probe.listening)
    const { port } = probe.address() as { port: number }
    await new Promise((resolve) => probe.close(resolve))
    const error = await failure(`postgres://u:oh-so-secret@localhost:${port}/d`)
    expect(error.message).toBe(
      [
        `FAASJS_PG_CONNECTION_FAILED  cannot connect to postgres://u@localhost:${port}/d`,
        `  why  no PostgreSQL server is listening at localhost:${port}`,
        '  fix  start the server, or correct host and port in DATABASE_URL; without a server: DATABASE_URL=pglite:./.data/dev',
      ].join('\n'),
    )
  })

  test('no socket', async () => {
    const error = await failure('postgres://u@localhost/d?host=/no/such/folder&port=7')
    expect(error.why).toBe('no PostgreSQL server is listening at /no/such/folder/.s.PGSQL.7')
  })

  test('unknown host', async () => {
    const error = await failure('postgres://u@no-such-host.invalid/d')
    expect(error.why).toBe('the host name "no-such-host.invalid" is not known')
  })

  test('a server that does not answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await vi.waitUntil(() => silent.listening)
    const { port } = silent.address() as { port: number }
    const error = await failure(`postgres://u@127.0.0.1:${port}/d?connect_timeout=1`)
    expect(error.why).toContain('no answer')
  })

  test('a server without TLS', async () => {
    const error = await failure(`${fresh.url}?sslmode=verify-full`)
    expect(error.why).toBe('the server does not speak TLS')
    expect(error.fix).toBe('add ?sslmode=disable to DATABASE_URL')
  })
})

describe('lost connections', () => {
  const lost = { code: 'FAASJS_PG_CONNECTION_LOST' }

  test('in the middle of a statement', async () => {
    const database = await opened(fresh.url)
    const session = await database.session()
    const sleeping = rejection(session.query('SELECT pg_sleep(60)'))
    await terminate(session.announcedPid ?? 0)
    expect(await sleeping).toMatchObject({
      ...lost,
      why: 'terminating connection due to administrator command (SQLSTATE 57P01)',
      details: { sqlState: '57P01' },
    })
    expect(await rejection(session.query('SELECT 1'))).toMatchObject(lost)
    await session.release()
    // The next session is a new connection.
    expect(await one(database, '1')).toBe(1)
  })

  test('in the middle of a list of statements', async () => {
    const database = await opened(fresh.url)
    const session = await database.session()
    const running = rejection(session.run(['BEGIN', 'SELECT pg_sleep(60)', 'COMMIT']))
    await terminate(session.announcedPid ?? 0)
    expect(await running).toMatchObject(lost)
  })

  test('between two statements', async () => {
    const database = await opened(fresh.url)
    const session = await database.session()
    await session.query('SELECT 1')
    await terminate(session.announcedPid ?? 0)
    expect(await rejection(session.query('SELECT 1'))).toMatchObject(lost)
    expect(await rejection(session.run(['SELECT 1']))).toMatchObject(lost)
    await session.cancel()
    await session.release()
  })

  test('in a transaction', async () => {
    const database = await opened(fresh.url)
    const session = await database.session()
    const transaction = session.transaction(async () => {
      await terminate(session.announcedPid ?? 0)
    })
    expect(await rejection(transaction)).toMatchObject(lost)
    await session.release()
    expect(await one(database, '1')).toBe(1)
  })

  test('while nobody uses it', async () => {
    const database = await opened(fresh.url)
    await terminate((await one(database, 'pg_backend_pid()')) as number)
    expect(await one(database, '1')).toBe(1)
  })

  test('because the server stops', async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const database = await opened(server.url)
    const sleeping = rejection(database.query('SELECT pg_sleep(60)'))
    await vi.waitFor(async () => {
      const other = await openDatabase(server.adminUrl)
      const busy = await one(
        other,
        `(SELECT count(*) FROM pg_stat_activity WHERE state = 'active')`,
      )
      await other.close()
      expect(busy).toBe('2')
    }, 30_000)
    await server.stop()
    expect(await sleeping).toMatchObject(lost)
    expect(await rejection(database.query('SELECT 1'))).toMatchObject({
      code: 'FAASJS_PG_CONNECTION_FAILED',
    })
  })
})

describe('messages', () => {
  test('statements of a transaction travel in one', async () => {
    const database = await opened(fresh.url)
    const seen = await database.transaction(async (transaction) => {
      await transaction.run([
        'CREATE TEMP TABLE seen (query text) -- a comment',
        'INSERT INTO seen SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()',
        `SELECT ';'`,
      ])
      return transaction.query<{ query: string }>('SELECT query FROM seen')
    })
    expect(seen.rows[0]?.query).toMatch(/^CREATE TEMP TABLE[^]*INSERT[^]*SELECT ';'$/)
  })
})

describe('sockets and TLS', () => {
  let server: PostgresServer
  const fixture = (name: string): string =>
    fileURLToPath(new URL(`./fixtures/tls/${name}`, import.meta.url))

  beforeAll(async () => {
    server = await startPostgres({
      settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
      files: {
        'server.crt': readFileSync(fixture('server.crt'), 'utf8'),
        'server.key': readFileSync(fixture('server.key'), 'utf8'),
      },
    })
  })

  afterAll(() => server.stop())

  test('a unix socket', async () => {
    const database = await opened(server.socketUrl)
    expect(await one(database, 'inet_server_addr() IS NULL')).toBe(true)
    expect(database.label).toMatch(/^postgres:\/\/postgres@localhost\/test\?host=\/.+&port=\d+$/)
  })

  test('cancels over a unix socket', async () => {
    const database = await opened(server.socketUrl)
    const session = await database.session()
    const sleeping = rejection(session.query('SELECT pg_sleep(60)'))
    await session.cancel()
    expect(await sleeping).toMatchObject({ code: '57014' })
  })

  test.each([
    ['', false],
    ['?sslmode=disable', false],
    ['?sslmode=no-verify', true],
    [`?sslmode=verify-full&sslrootcert=${fixture('server.crt')}`, true],
    ['?sslmode=require&uselibpqcompat=true', true],
    ...DIRECT_TLS,
  ])('%s: TLS is %s', async (parameters, expected) => {
    const database = await opened(`${server.url}${parameters}`)
    const ssl = '(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())'
    expect(await one(database, ssl)).toBe(expected)
    const session = await database.session()
    const sleeping = rejection(session.query('SELECT pg_sleep(60)'))
    await session.cancel()
    expect(await sleeping).toMatchObject({ code: '57014' })
  })

  test('a certificate nobody vouches for', async () => {
    const database = await opened(`${server.url}?sslmode=verify-full`)
    expect(await rejection(database.query('SELECT 1'))).toMatchObject({
      code: 'FAASJS_PG_CONNECTION_FAILED',
      why: expect.stringContaining('is not trusted') as string,
      fix: expect.stringContaining('sslrootcert') as string,
    })
  })
})

describe('what the user passes in', () => {
  test('a Pool stays open', async () => {
    const pool = new Pool({ connectionString: fresh.url })
    onTestFinished(() => pool.end())
    const database = await openDatabase(pool)
    expect(database.label).toMatch(/^postgres:\/\/postgres@127\.0\.0\.1:\d+\/test_\w+$/)
    await database.query('SELECT 1')
    await database.close()
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    expect(pool.totalCount).toBe(pool.idleCount)
  })

  test('a Pool of one has no concurrent sessions', async () => {
    const pool = new Pool({ connectionString: fresh.url, max: 1 })
    onTestFinished(() => pool.end())
    expect((await opened(pool)).capabilities).toMatchObject({
      concurrentSessions: false,
      cancel: true,
    })
  })

  test('a broken connection of a Pool is thrown away', async () => {
    const pool = new Pool({ connectionString: fresh.url })
    onTestFinished(() => pool.end())
    const database = await opened(pool)
    const session = await database.session()
    await terminate(session.announcedPid ?? 0)
    await rejection(session.query('SELECT 1'))
    await session.release()
    expect(pool.totalCount).toBe(0)
    expect(await one(database, '1')).toBe(1)
  })

  test('a Client stays open', async () => {
    const client = new Client(fresh.url)
    await client.connect()
    onTestFinished(() => client.end())
    const database = await openDatabase(client)
    await database.query('SELECT 1')
    await database.close()
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    expect(client.listenerCount('error')).toBe(0)
  })

  test('a Client that is not connected is connected', async () => {
    const client = new Client(fresh.url)
    onTestFinished(() => client.end())
    expect(await one(await opened(client), '1')).toBe(1)
    const connecting = new Client(fresh.url)
    onTestFinished(() => connecting.end())
    const connected = connecting.connect()
    expect(await one(await opened(connecting), '1')).toBe(1)
    await connected
  })

  test('a Client that cannot connect', async () => {
    const client = new Client(changed(fresh.url, (url) => (url.password = 'wrong')))
    const database = await opened(client)
    expect(await rejection(database.query('SELECT 1'))).toMatchObject({
      code: 'FAASJS_PG_CONNECTION_FAILED',
    })
  })

  test('a Client that has ended', async () => {
    const client = new Client(fresh.url)
    await client.connect()
    await client.end()
    const database = await opened(client)
    const lost = { code: 'FAASJS_PG_CONNECTION_LOST' }
    expect(await rejection(database.query('SELECT 1'))).toMatchObject(lost)
    expect(await rejection(database.run(['SELECT 1']))).toMatchObject(lost)
  })

  test('a Client is shared in turn by all databases opened on it', async () => {
    const client = new Client(fresh.url)
    await client.connect()
    onTestFinished(() => client.end())
    const [first, second] = [await opened(client), await opened(client)]
    const order: string[] = []
    await Promise.all(
      [first, second].map((database, index) =>
        database.transaction(async (transaction) => {
          order.push(`begin ${index}`)
          await transaction.query('SELECT pg_sleep(0.05)')
          order.push(`end ${index}`)
        }),
      ),
    )
    expect(order).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1'])
  })

  test('a client that a Pool has lent out', async () => {
    const pool = new Pool({ connectionString: fresh.url })
    onTestFinished(() => pool.end())
    const client = await pool.connect()
    expect(await one(await opened(client), '1')).toBe(1)
    client.release()
  })
})

/** Everything of an error that somebody might print. */
function describeAll(error: unknown): string {
  const { message, stack, cause } = error as Error
  return [message, stack, JSON.stringify(error), cause ? describeAll(cause) : ''].join('\n')
}
