import type pg from 'pg'
import postgres from 'postgres'
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'

import { column, connectTo, rawClientOf } from './clients.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'
import { frontend } from './raw-client.ts'

let local: LocalHost

beforeAll(async () => {
  local = await startHost(
    await snapshotOf(`
      create table jobs (id serial primary key);
      create function announce() returns trigger language plpgsql as
        $$ begin perform pg_notify('jobs', new.id::text); return new; end $$;
      create trigger announce after insert on jobs for each row execute function announce();
    `),
  )
})

afterEach(() => local.host.reset('next'))

interface Ear {
  readonly client: pg.Client
  readonly heard: string[]
}

async function listener(...channels: string[]): Promise<Ear> {
  const client = await connectTo(local)
  const heard: string[] = []
  client.on('notification', ({ channel, payload }) => heard.push(`${channel}:${payload}`))
  for (const channel of channels) await client.query(`listen ${channel}`)
  return { client, heard }
}

test('a notification reaches idle listeners of its channel, and nobody else', async () => {
  const [a, b, c, sender] = await Promise.all([
    listener('news'),
    listener('news', 'other'),
    listener('other'),
    listener(),
  ])
  await sender.client.query(`notify news, 'first'`)
  await sender.client.query(`select pg_notify('other', 'second')`)
  await expect.poll(() => b.heard).toEqual(['news:first', 'other:second'])
  await expect.poll(() => c.heard).toEqual(['other:second'])
  expect(a.heard).toEqual(['news:first'])
  expect(sender.heard).toEqual([])
})

test('a sender that listens hears itself, in the name of its own process', async () => {
  const { client, heard } = await listener('news')
  const processes: number[] = []
  client.on('notification', ({ processId }) => processes.push(processId))
  await client.query(`notify news, 'mine'`)
  expect(heard).toEqual(['news:mine'])
  expect(processes).toEqual([(client as unknown as { processID: number }).processID])
})

test('a trigger notifies at the commit, and a rollback never', async () => {
  const ear = await listener('jobs')
  const sender = await connectTo(local)
  await sender.query('begin')
  await sender.query('insert into jobs default values')
  await sender.query('rollback')
  await sender.query('begin')
  await sender.query('insert into jobs default values')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(ear.heard).toEqual([])
  await sender.query('commit')
  await expect.poll(() => ear.heard).toEqual(['jobs:2'])
})

test('LISTEN and UNLISTEN concern their own connection only, and follow its transaction', async () => {
  const [a, b] = [await listener('news'), await listener('news')]
  const sender = await connectTo(local)
  await a.client.query('unlisten news')
  await b.client.query('begin; unlisten *; listen other')
  await b.client.query('rollback')
  await a.client.query('begin; listen "Mixed Case"')
  await a.client.query('commit')
  await sender.query(`notify news, '1'; notify "Mixed Case", '2'; notify other, '3'`)
  await expect.poll(() => [a.heard, b.heard]).toEqual([['Mixed Case:2'], ['news:1']])

  await a.client.query('unlisten *')
  await b.client.query('begin; unlisten *')
  await b.client.query('commit')
  await sender.query(`notify news; notify "Mixed Case"`)
  expect(await column(sender, 'select pg_listening_channels()')).toEqual([])
  expect([a.heard, b.heard]).toEqual([['Mixed Case:2'], ['news:1']])
})

test('DISCARD ALL of one connection leaves the others listening', async () => {
  const [a, b] = [await listener('news'), await listener('news')]
  await a.client.query('discard all')
  await b.client.query(`notify news, 'x'`)
  expect([a.heard, b.heard]).toEqual([[], ['news:x']])
})

test('a function may listen as well, by a name that no text shows', async () => {
  const a = await listener()
  await a.client.query(`do $$ begin execute 'listen ' || 'dyn' || 'amic'; end $$`)
  await (await connectTo(local)).query(`notify dynamic, 'x'`)
  await expect.poll(() => a.heard).toEqual(['dynamic:x'])
})

test('whoever has gone is heard of no more, also when it goes in mid-transaction', async () => {
  const stays = await connectTo(local)
  const goes = await rawClientOf(local)
  await goes.ask(frontend.query('listen news'))
  await goes.ask(frontend.query('begin; listen more'))
  goes.socket.destroy()
  const listened = (): Promise<unknown[]> => column(stays, 'select pg_listening_channels()')
  await expect.poll(listened).toEqual([])
})

test('who listens still does after a reset, also by a new engine; old news is not delivered', async () => {
  const ear = await listener('news')
  const sender = await connectTo(local)
  await sender.query('begin')
  await sender.query(`notify news, 'of the last test'`)
  await local.host.reset('second')
  await sender.query('rollback')
  await sender.query(`notify news, 'second'`)
  await expect.poll(() => ear.heard).toEqual(['news:second'])

  await sender.query('drop table jobs')
  expect(await local.host.reset('third')).not.toMatchObject({ kind: 'none' })
  await sender.query(`notify news, 'third'`)
  await expect.poll(() => ear.heard).toEqual(['news:second', 'news:third'])
})

test('serves the listen of postgres.js', async () => {
  const sql = postgres(local.url, { max: 2 })
  onTestFinished(() => sql.end())
  const heard: string[] = []
  const { unlisten } = await sql.listen('news', (payload) => heard.push(payload))
  await sql.notify('news', 'hello')
  await expect.poll(() => heard).toEqual(['hello'])
  await unlisten()
  await sql.notify('news', 'again')
  await sql`select 1`
  expect(heard).toEqual(['hello'])
})

test('a LISTEN in the middle of a sequence counts, too', async () => {
  const client = await rawClientOf(local)
  const sequence = (sql: string): Buffer[] => [
    frontend.parse('', sql),
    frontend.bind('', ''),
    frontend.execute(''),
  ]
  client.send(...sequence('select 1'), frontend.flush)
  await client.until('C:')
  await client.ask(...sequence('listen news'), frontend.sync)
  await (await connectTo(local)).query('notify news')
  expect(await client.until('A')).toEqual(['A'])
})
