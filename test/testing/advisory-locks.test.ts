import postgres from 'postgres'
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'

import { openDatabase } from '../../src/database/open.ts'
import { acquireLock, assertLock, lockKey, releaseLock } from '../../src/migration/lock.ts'
import { column, connectTo, rawClientOf } from './clients.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'
import { frontend } from './raw-client.ts'

let local: LocalHost

beforeAll(async () => {
  local = await startHost(
    await snapshotOf(`
      create table notes (id serial primary key);
      create role app_user;
      create function guarded(key bigint) returns boolean language plpgsql as
        $$ begin return pg_try_advisory_lock(key); end $$;
    `),
  )
})

afterEach(() => local.host.reset('next'))

const HELD = `select coalesce(string_agg(
  concat_ws(' ', pid = pg_backend_pid(), classid, objid, objsubid, mode), ', ' order by pid, objid, mode), '')
  from pg_locks where locktype = 'advisory'`

test.each([
  ['one key', '7', '7', '8'],
  ['a large key', '-9223372036854775808', '(-9223372036854775808)::bigint', '9223372036854775807'],
  ['two keys', '1, -2', '1, -2', '-2, 1'],
])('%s: a lock of one connection is not to be had by another', async (_, key, same, other) => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await a.query(`select pg_advisory_lock(${key})`)
  const tryLock = (keys: string, mode = ''): Promise<unknown[]> =>
    column(b, `select pg_try_advisory_lock${mode}(${keys})`)
  expect(await tryLock(same)).toEqual([false])
  expect(await tryLock(same, '_shared')).toEqual([false])
  expect(await tryLock(other)).toEqual([true])
  expect(await column(b, `select pg_advisory_unlock(${same})`)).toEqual([false])
  // Its own once more, which counts.
  expect(await column(a, `select pg_try_advisory_lock(${key})`)).toEqual([true])
  expect(await column(a, `select pg_advisory_unlock(${key})`)).toEqual([true])
  expect(await tryLock(same)).toEqual([false])
  expect(await column(a, `select pg_advisory_unlock(${key})`)).toEqual([true])
  expect(await column(a, `select pg_advisory_unlock(${key})`)).toEqual([false])
  expect(await tryLock(same)).toEqual([true])
})

test('shared locks go together, exclusive ones do not go with them', async () => {
  const [a, b, c] = [await connectTo(local), await connectTo(local), await connectTo(local)]
  await a.query('select pg_advisory_lock_shared(1)')
  expect(await column(b, 'select pg_try_advisory_lock_shared(1)')).toEqual([true])
  expect(await column(b, HELD)).toEqual(['f 0 1 1 ShareLock, t 0 1 1 ShareLock'])
  expect(await column(b, 'select pg_try_advisory_lock(1)')).toEqual([false])
  expect(await column(a, 'select pg_advisory_unlock_shared(1)')).toEqual([true])
  expect(await column(c, 'select pg_try_advisory_lock(1)')).toEqual([false])
  // As in PostgreSQL, one may hold both.
  expect(await column(b, 'select pg_try_advisory_lock(1)')).toEqual([true])
  expect(await column(c, 'select pg_try_advisory_lock_shared(1)')).toEqual([false])
})

test('by bind parameters, in other functions, as another user, with every client', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await a.query('select pg_advisory_lock($1)', [42])
  await b.query('set role app_user')
  const { rows } = await b.query<{ locked: boolean }>({
    name: 'try',
    text: 'select pg_try_advisory_lock($1::bigint) as locked',
    values: ['42'],
  })
  expect(rows).toEqual([{ locked: false }])
  expect(await column(b, 'select guarded(42)')).toEqual([false])
  expect(
    await column(b, 'do $$ begin perform 1 / (pg_try_advisory_lock(43))::int; end $$'),
  ).toEqual([])
  expect(await column(a, 'select guarded(43)')).toEqual([false])
  const sql = postgres(local.url, { max: 1 })
  expect(await sql`select pg_try_advisory_xact_lock(${42}) as locked`).toEqual([{ locked: false }])
  await sql.end()
})

test('locks of a transaction end with it, those of a savepoint with that', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await a.query(
    'begin; select pg_advisory_xact_lock(1); savepoint s; select pg_advisory_xact_lock(2)',
  )
  await a.query('rollback to s')
  expect(await column(a, HELD)).toEqual(['t 0 1 1 ExclusiveLock'])
  await a.query('select pg_advisory_lock(3)')
  await a.query('rollback')
  // That of the session is not given back by a rollback.
  expect(await column(b, HELD)).toEqual(['f 0 3 1 ExclusiveLock'])
  expect(await column(b, 'select pg_try_advisory_xact_lock(1)')).toEqual([true])
  expect(await column(b, 'select pg_try_advisory_xact_lock(3)')).toEqual([false])
})

test('all of a connection are released, and none of another', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  const take = `select pg_advisory_lock(1), pg_advisory_lock(1), pg_advisory_lock_shared(1),
    pg_advisory_lock(-1, 2), pg_advisory_lock_shared(3, -4)`
  await a.query(take)
  await b.query('select pg_advisory_lock(9)')
  await a.query('begin; select pg_advisory_xact_lock(5); select pg_advisory_unlock_all()')
  expect(await column(a, HELD)).toEqual(['t 0 5 1 ExclusiveLock, f 0 9 1 ExclusiveLock'])
  await a.query('commit')
  await a.query(take)
  await a.end()
  await expect.poll(() => column(b, HELD)).toEqual(['t 0 9 1 ExclusiveLock'])
})

interface Query {
  readonly text: string
  readonly name?: string
  readonly values?: string[]
}

test.each<[string, (key: string) => Query]>([
  ['simple', (key: string) => ({ text: `select pg_advisory_lock(${key}), 'mine' as whose` })],
  [
    'prepared',
    (key: string) => ({
      name: 'l',
      text: `select pg_advisory_lock($1), 'mine' as whose`,
      values: [key],
    }),
  ],
])('a connection waits for the lock of another, and then has it: %s', async (_, query) => {
  const [a, b, c] = [await connectTo(local), await connectTo(local), await connectTo(local)]
  await a.query('select pg_advisory_lock(7)')
  const waiting = b.query(query('7'))
  // Others go on meanwhile, and so does the one who has it; it is not tried again and again.
  expect(await column(c, 'select 1')).toEqual([1])
  const { traffic } = local.host.session
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(local.host.session.traffic).toBe(traffic)
  await c.query('select pg_advisory_lock(8)')
  await a.query('select pg_advisory_unlock(7)')
  expect((await waiting).rows).toMatchObject([{ whose: 'mine' }])
  expect(await column(a, 'select pg_try_advisory_lock(7)')).toEqual([false])
  const again = a.query('begin; select pg_advisory_xact_lock(7); select 5 as n')
  await b.end()
  expect(await again).toMatchObject([{}, {}, { rows: [{ n: 5 }] }])
  await a.query('rollback')
})

test('a wait that does not end is an error that names both', async () => {
  const a = await connectTo(local, { application_name: 'holder' })
  const b = await connectTo(local)
  await a.query('select pg_advisory_lock(7)')
  await expect(b.query('select pg_advisory_lock($1)', [7])).rejects.toMatchObject({
    code: '55P03',
    message: expect.stringMatching(
      /^gave up after \d+ ms: .* waits for an advisory lock that connection \d+ \(holder\) holds/,
    ),
    detail:
      'Waiting: select pg_advisory_lock($1)\nThe last query of the holder: select pg_advisory_lock(7)',
  })
  await expect(b.query('begin; select pg_advisory_xact_lock(7)')).rejects.toMatchObject({
    code: '55P03',
  })
  expect(await column(b, 'select 1')).toEqual([1])
  await b.query('begin')
  await expect(b.query('select pg_advisory_xact_lock(7)')).rejects.toMatchObject({
    code: '55P03',
    message: expect.stringContaining('cannot release it before this transaction ends'),
    hint: expect.stringContaining('real PostgreSQL'),
  })
  await b.query('rollback')
})

test('one who waits can be cancelled, can leave, and ends with the test', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await a.query('select pg_advisory_lock(7)')
  const goes = await rawClientOf(local)
  goes.send(frontend.query('select pg_advisory_lock(7)'))
  const waiting = b.query('select pg_advisory_lock(7)').catch((error: unknown) => error)
  await a.query('select 1')
  goes.socket.destroy()
  await local.host.reset('next')
  expect(await waiting).toMatchObject({
    code: '55P03',
    detail: expect.stringContaining('rolled back'),
  })
  expect(await column(b, HELD)).toEqual([''])
  expect(await column(b, 'select pg_try_advisory_lock(7)')).toEqual([true])
})

test('every connection has a process id of its own, the one it was told', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  const told = [a, b].map((client) => (client as unknown as { processID: number }).processID)
  const pid = 'select pg_backend_pid()'
  for (const [index, client] of [a, b, a].entries()) {
    expect(await column(client, pid)).toEqual([told[index % 2]])
    await client.query('reset all')
  }
  await a.query('begin')
  expect(await column(a, pid)).toEqual([told[0]])
  await a.query('rollback')
  expect(await column(b, pid)).toEqual([told[1]])
  expect(
    await column(b, 'select state from pg_stat_activity where pid = pg_backend_pid()'),
  ).toEqual(['active'])
})

test('two migrators exclude each other', async () => {
  const databases = await Promise.all([openDatabase(local.url), openDatabase(local.url)])
  onTestFinished(async () => void (await Promise.all(databases.map((each) => each.close()))))
  const [a, b] = await Promise.all(databases.map((database) => database.session()))
  if (!a || !b) throw new Error('no session')
  const key = lockKey('postgres', { schema: 'public', name: 'x' })
  const pid = await acquireLock(a, key, { wait: 0 })
  await expect(acquireLock(b, key, { wait: 0 })).rejects.toMatchObject({
    code: 'FAASJS_PG_LOCK_HELD',
    details: { holder: { pid } },
  })
  await a.query(assertLock(key, pid))
  await expect(b.query(assertLock(key, pid))).rejects.toThrow(/does not hold the migration lock/)
  expect(await releaseLock(a, key, pid)).toBe(true)
  const next = await acquireLock(b, key, { wait: 0 })
  expect(next).not.toBe(pid)
  await releaseLock(b, key, next)
  await a.release()
  await b.release()
})
