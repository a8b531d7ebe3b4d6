import postgres from 'postgres'
import { afterEach, beforeAll, expect, test } from 'vitest'

import { DEFAULT_MODES } from '../../src/testing/host/modes.ts'
import { column, connectTo } from './clients.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'

let local: LocalHost

beforeAll(async () => {
  local = await startHost(
    await snapshotOf(`
      create table notes (id serial primary key, body text);
      insert into notes (body) values ('baseline');
    `),
  )
})

afterEach(() => local.host.reset('next'))

const BODIES = `select coalesce(string_agg(body, ',' order by id), '') from notes`

test('everything is put back: rows, sequences, schema, roles; and again', async () => {
  const client = await connectTo(local)
  await client.query(`insert into notes (body) values ('seeded')`)
  const seeded = await local.host.snapshot()
  for (let round = 0; round < 3; round++) {
    await client.query(`delete from notes where id = 1; insert into notes (body) values ('gone')`)
    await client.query(
      'create table extra (n int); create role somebody; drop table if exists nowhere',
    )
    await client.query(`alter table notes add column more text default 'x'`)
    await client.query('vacuum full notes')
    await local.host.restore(seeded)
    expect(await column(client, BODIES)).toEqual(['baseline,seeded'])
    expect(
      await column(
        client,
        `select concat_ws(' ', to_regclass('extra'), (select count(*) from pg_roles where rolname = 'somebody'),
        (select count(*) from information_schema.columns where table_name = 'notes'))`,
      ),
    ).toEqual(['0 2'])
    expect(await column(client, `select nextval('notes_id_seq')::int`)).toEqual([3])
  }
})

test('several at once, in any order, before and after resets, which lead to the baseline', async () => {
  const client = await connectTo(local)
  const insert = (body: string): Promise<unknown> =>
    client.query('insert into notes (body) values ($1)', [body])
  const states: [number, string][] = [[await local.host.snapshot(), 'baseline']]
  for (const body of ['a', 'b']) {
    await insert(body)
    states.push([await local.host.snapshot(), `${states.at(-1)?.[1]},${body}`])
  }
  const [base, one, two] = states
  for (const state of [one, two, base, two, one, two, two]) {
    if (!state) throw new Error('not saved')
    await insert('lost')
    await client.query('create table lost ()')
    await local.host.restore(state[0])
    expect(await column(client, BODIES)).toEqual([state[1]])
    expect(await column(client, `select coalesce(to_regclass('lost')::text, '')`)).toEqual([''])
    await insert('lost, too')
    const { kind } = await local.host.reset('next')
    expect(kind).not.toBe('none')
    expect(await column(client, BODIES)).toEqual(['baseline'])
  }
  // Nothing was written since: a reset has to look all the same.
  await local.host.restore(two?.[0] ?? 0)
  await local.host.reset('next')
  expect(await column(client, BODIES)).toEqual(['baseline'])
})

test('connections stay, with what they prepared; their settings go', async () => {
  const client = await connectTo(local, { application_name: 'app' })
  const sql = postgres(local.url, { max: 2 })
  const named = { name: 'by_id', text: 'select body from notes where id = $1', values: [1] }
  await client.query(named)
  await sql`select body from notes where id = ${1}`
  const snapshot = await local.host.snapshot()
  await client.query(`set work_mem = '5MB'; create temp table scratch (n int); listen news`)
  const later = { ...named, name: 'later', text: 'select id from notes where id = $1' }
  await client.query(later)
  await local.host.restore(snapshot)
  expect((await client.query(named)).rows).toEqual([{ body: 'baseline' }])
  expect((await client.query(later)).rows).toEqual([{ id: 1 }])
  expect(await sql`select body from notes where id = ${1}`).toMatchObject([{ body: 'baseline' }])
  expect(
    await column(
      client,
      `select concat_ws(' ', current_setting('work_mem'), current_setting('application_name'), to_regclass('scratch'))`,
    ),
  ).toEqual(['4MB app'])
  const heard = new Promise((resolve) => client.once('notification', resolve))
  await sql`notify news`
  expect(await heard).toMatchObject({ channel: 'news' })
  await sql.end()
})

test('not in a transaction: the error names it, and nothing has happened', async () => {
  const client = await connectTo(local)
  const snapshot = await local.host.snapshot()
  await client.query(`begin; insert into notes (body) values ('kept')`)
  for (const refused of [local.host.snapshot(), local.host.restore(snapshot)]) {
    await expect(refused).rejects.toMatchObject({
      code: 'FAASJS_PG_TEST_TRANSACTION_OPEN',
      summary: expect.stringMatching(/while connection \d+ is in a transaction/),
      why: expect.stringContaining(`insert into notes (body) values ('kept')`),
    })
  }
  await client.query('commit')
  expect(await column(client, BODIES)).toEqual(['baseline,kept'])
})

test('one that was released, of another file, or made useless by an extension is an error', async () => {
  const client = await connectTo(local)
  const unusable = { code: 'FAASJS_PG_SNAPSHOT_UNUSABLE' }
  const released = await local.host.snapshot()
  local.host.release(released)
  await expect(local.host.restore(released)).rejects.toMatchObject(unusable)

  const searched = await local.host.snapshot()
  await client.query(`select to_tsvector('english', 'cats')`)
  await local.host.restore(searched)

  const extended = await local.host.snapshot()
  await client.query(`create extension hstore; insert into notes (body) values ('here')`)
  await client.query(`select 'a=>1'::hstore`)
  await expect(local.host.restore(extended)).rejects.toMatchObject({
    ...unusable,
    fix: expect.stringContaining('in a migration'),
  })
  expect(await column(client, BODIES)).toEqual(['baseline,here'])
  await local.host.reset('next')
  expect(await column(client, BODIES)).toEqual(['baseline'])

  const old = await local.host.snapshot()
  // Another worker's connection ends.
  client.on('error', () => {})
  await local.host.enter('another worker', DEFAULT_MODES)
  await expect(local.host.restore(old)).rejects.toMatchObject(unusable)
})
