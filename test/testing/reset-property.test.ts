import { randomUUID } from 'node:crypto'

import pg from 'pg'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'

import { openDatabase } from '../../src/database/open.ts'
import { CAPTURE_BASELINE } from '../../src/testing/baseline/baseline-sql.ts'
import { stayReplica } from '../../src/testing/baseline/replica-session.ts'
import { ServerBaseline } from '../../src/testing/baseline/server-baseline.ts'
import { Host } from '../../src/testing/host/host.ts'
import { sharedEngineParts } from '../../src/testing/pglite/engine-parts.ts'
import {
  closeIntoSnapshot,
  createPGlite,
  openPGlite,
} from '../../src/testing/pglite/open-pglite.ts'
import type { Snapshot } from '../../src/testing/pglite/snapshot.ts'
import { databaseUrl } from '../../src/testing/server/address.ts'
import { copyStrategy, type PostgresServer, startPostgres } from '../helpers/postgres.ts'
import { Random, randomSchema } from './random-schema.ts'
import { wholeState } from './whole-state.ts'

// PROPERTY_RUNS are rounds on PGlite, a fifth of them on PostgreSQL; PROPERTY_SEED repeats a failure.
const runs = Number(process.env['PROPERTY_RUNS'] ?? 500)
const firstSeed = Number(process.env['PROPERTY_SEED'] ?? Date.now() % 1_000_000)
const ROUNDS = 20

const SESSION = `select current_user, current_setting('timezone') as zone,
  current_setting('search_path') as path, current_setting('session_replication_role') as role,
  to_regclass('pg_temp.scratch') as scratch,
  (select count(*)::int from pg_locks where locktype = 'advisory') as locks,
  (select count(*)::int from pg_cursors) as cursors`

/** Only what PGlite takes back: roles and settings of a server belong to others, too. */
const OF_THE_SYSTEM = [
  'create role somebody',
  `alter role postgres set timezone to 'Asia/Tokyo'`,
  `alter system set work_mem to '5MB'`,
  'select pg_stat_reset()',
]

/** Answers `COPY … FROM STDIN` with one line, which may fit or not. */
class CopyIn extends pg.Query {
  handleCopyInResponse(connection: {
    sendCopyFromChunk(chunk: Buffer): void
    endCopyFrom(): void
  }): void {
    connection.sendCopyFromChunk(Buffer.from('1\t2\n'))
    connection.endCopyFrom()
  }
}

async function perform(client: pg.Client, sql: string): Promise<void> {
  const query: Promise<unknown> = sql.startsWith('copy')
    ? new Promise<void>((resolve, reject) => {
        const copy = new CopyIn(sql, undefined, (error?: Error) =>
          error ? reject(error) : resolve(),
        )
        client.query(copy)
      })
    : client.query(sql)
  await query.catch(() => {})
}

interface Clients {
  readonly client: pg.Client
  /** Sees everything. */
  readonly look: pg.Client
}

interface World extends Clients {
  /** Resets; which way it took. */
  reset(): Promise<Clients & { readonly way: string }>
  close(): Promise<void>
}

/** Some schemas, some rounds each: after any of them the database is what it was. */
async function explore(
  rounds: number,
  extraActions: readonly string[],
  open: (sql: string) => Promise<World>,
): Promise<Map<string, number>> {
  const ways = new Map<string, number>()
  for (let seed = firstSeed; seed < firstSeed + Math.ceil(rounds / ROUNDS); seed++) {
    const random = new Random(seed)
    const schema = randomSchema(random)
    const world = await open(schema.sql)
    let { client, look } = world
    const state = async (): Promise<unknown> => [
      await wholeState(async (sql) => (await look.query(sql)).rows as unknown[]),
      (await client.query(SESSION)).rows,
    ]
    const baseline = await state()
    for (let round = 0; round < ROUNDS; round++) {
      const actions: string[] = []
      for (let count = 1 + random.below(8); count > 0; count--) {
        if (random.chance(6)) actions.push(schema.change(random))
        else if (extraActions.length > 0 && random.chance(3))
          actions.push(random.pick(extraActions))
        else actions.push(schema.write(random))
      }
      for (const sql of actions) await perform(client, sql)
      const described = `${schema.sql}\n-- actions\n${actions.join(';\n')};`
      const reset = await world.reset().catch((cause: unknown) => {
        throw new Error(`PROPERTY_SEED=${seed}, round ${round}: ${String(cause)}\n${described}`, {
          cause,
        })
      })
      client = reset.client
      look = reset.look
      ways.set(reset.way, (ways.get(reset.way) ?? 0) + 1)
      expect(
        await state(),
        `PROPERTY_SEED=${seed}, round ${round} (${reset.way})\n${described}`,
      ).toEqual(baseline)
    }
    await world.close()
  }
  return ways
}

const timeout = 60_000 + runs * 1000

test(
  'PGlite: whatever a test does, the next one starts from the baseline',
  { timeout },
  async () => {
    const empty = await closeIntoSnapshot(await createPGlite())
    const snapshotWith = async (sql: string): Promise<Snapshot> => {
      const pglite = await openPGlite(empty)
      await pglite.exec(sql)
      await pglite.exec(CAPTURE_BASELINE)
      return await closeIntoSnapshot(pglite)
    }
    let host: Host | undefined
    onTestFinished(() => host?.close())
    const ways = await explore(runs, OF_THE_SYSTEM, async (sql) => {
      await host?.close()
      const snapshot = await snapshotWith(sql)
      const started = new Host({
        waitLimit: 1000,
        material: async () => ({ snapshot, parts: await sharedEngineParts() }),
        onStrays: () => {},
        onBooted: () => {},
        onBroken: (reason) => expect.unreachable(reason),
      })
      host = started
      const url = databaseUrl(await started.listen())
      const client = new pg.Client(url)
      await client.connect()
      // What is set before the first test belongs to the connection.
      await client.query('select 1')
      await started.reset('first')
      return {
        client,
        look: client,
        close: () => client.end(),
        reset: async () => {
          const { kind } = await started.reset('random')
          // What it says once to the connection whose transaction is gone.
          await client.query('select 1').catch(() => {})
          return { way: kind, client, look: client }
        },
      }
    })
    expect([...ways.keys()].toSorted()).toEqual(['full', 'rows'])
  },
)

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: '10' } })
})

afterAll(() => server.stop())

// Who resets: see RestoreStrategy. What only superusers may set can be granted since PostgreSQL 15.
const GRANTED = [
  ['somebody who may set the replica role', 'grant set on parameter session_replication_role to r'],
] as const
const ROLES = [
  ['superuser', ''],
  ...(inject('postgresMajor') < 15 ? [] : GRANTED),
  ['an owner', 'select 1'],
] as const

test.each(ROLES)(
  'PostgreSQL, reset by %s: whatever a test does, the next one starts from the baseline',
  { timeout },
  async (_, grant) => {
    const admin = await connect(server.adminUrl)
    onTestFinished(() => admin.end())
    const strategy = await copyStrategy(admin)
    const role = grant === '' ? undefined : `r${randomUUID().slice(0, 8)}`
    if (role !== undefined) {
      await admin.query(`create role ${role} login password 'r'`)
      await admin.query(grant.replace(/ r$/, ` ${role}`))
    }
    let number = 0
    const ways = await explore(runs / 15, [], async (sql) => {
      const name = `${role ?? 'postgres'}_${++number}`
      const template = await server.createDatabase(`template_${name}`)
      const owned = await connect(template)
      if (role !== undefined) {
        await owned.query(`alter database template_${name} owner to ${role}`)
        await owned.query(`alter schema public owner to ${role}`)
      }
      await owned.end()
      const building = await openDatabase(asRole(template, role))
      await building.query(sql)
      await new ServerBaseline(building).capture()
      await building.close()

      const url = template.replace('template_', 'copy_')
      const clone = async (): Promise<Copy> => {
        await admin.query(`drop database if exists copy_${name} with (force)`)
        await admin.query(
          `create database copy_${name} template template_${name} ${strategy} owner ${role ?? 'postgres'}`,
        )
        const session = await connect(asRole(url, role))
        const resetting = await openDatabase(session)
        await stayReplica(resetting)
        const baseline = new ServerBaseline(resetting)
        return {
          client: await connect(asRole(url, role)),
          look: await connect(url),
          session,
          baseline,
        }
      }
      const end = async ({ client, look, session }: Copy): Promise<void> => {
        for (const one of [client, look, session]) await one.end().catch(() => {})
      }
      let current = await clone()
      return {
        client: current.client,
        look: current.look,
        reset: async () => {
          const { changes } = await current.baseline.reset()
          if (changes.length === 0) {
            // Sessions are their owners' on a server.
            await current.client.end().catch(() => {})
            current = { ...current, client: await connect(asRole(url, role)) }
            return { way: 'rows', ...current }
          }
          expect(changes).toMatchObject([{ of: 'database' }])
          await end(current)
          current = await clone()
          return { way: 'clone', ...current }
        },
        close: () => end(current),
      }
    })
    expect([...ways.keys()].toSorted()).toEqual(['clone', 'rows'])
  },
)

interface Copy {
  readonly client: pg.Client
  readonly look: pg.Client
  readonly session: pg.Client
  readonly baseline: ServerBaseline
}

async function connect(url: string): Promise<pg.Client> {
  // A prepared transaction keeps its locks from the test that made it, too.
  const client = new pg.Client({ connectionString: url, lock_timeout: 200 })
  client.on('error', () => {})
  await client.connect()
  return client
}

function asRole(url: string, role: string | undefined): string {
  if (role === undefined) return url
  const changed = new URL(url)
  changed.username = role
  changed.password = 'r'
  return changed.href
}
