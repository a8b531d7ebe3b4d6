import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// From the build: migrations run in a thread, whose module is a compiled file.
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from '@faasjs/pg/testing'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'

import { play, readState, type Script, SCRIPT_TABLES } from './script.ts'

const add = (n: number): string => `insert into a (n) values (${n})`
const orphan = 'insert into b (a_id) values (77)'

const scripts: Record<string, Script> = {
  'statements by themselves, one of which fails': [
    add(1),
    add(1),
    'selct',
    add(2),
    [add(3)],
    [add(3)],
    ['select n from a order by n'],
    '',
  ],
  'several statements in one text': [
    `${add(1)}; ${add(2)}`,
    `${add(3)}; ${add(3)}; ${add(4)}`,
    `select 1; select 2;`,
  ],
  'a transaction that is committed, one that is rolled back, one that fails': [
    'begin',
    add(1),
    'commit',
    'BEGIN',
    add(2),
    'ROLLBACK',
    'start transaction',
    add(3),
    add(3),
    add(4),
    'select 1',
    'begin',
    'savepoint x',
    'commit',
    add(5),
  ],
  'the same by the extended protocol': [
    ['begin'],
    [add(1)],
    ['commit'],
    ['BEGIN'],
    [add(2)],
    ['ABORT'],
    ['start transaction'],
    [add(3)],
    [add(3)],
    [add(4)],
    ['select 1'],
    ['begin'],
    ['end'],
    [add(5)],
  ],
  pipelines: [
    ['begin', add(1), 'commit'],
    ['begin', add(2), add(2), 'commit', add(3)],
    ['rollback'],
    [add(4), 'begin', add(5), 'rollback'],
    [add(6), 'commit', add(7), add(7)],
    [
      'begin',
      add(8),
      'savepoint s',
      add(9),
      'rollback to s',
      'release s',
      'commit',
      'select n from a',
    ],
  ],
  'transactions inside of one text': [
    `begin; ${add(1)}; commit`,
    `begin; ${add(2)}; ${add(2)}; commit`,
    `rollback`,
    `${add(3)}; begin; ${add(4)}; rollback; ${add(5)}`,
    `${add(6)}; commit; ${add(7)}; rollback`,
    `begin; ${add(8)}`,
    `${add(9)}; end; select n from a order by n`,
    `/* x */ begin /* ; */ ; -- commit\n select 1; commit`,
  ],
  savepoints: [
    'begin',
    add(1),
    'savepoint s',
    add(2),
    add(2),
    'rollback to savepoint s',
    add(3),
    'savepoint s',
    add(4),
    'release s',
    'release nothing',
    'rollback work to s',
    'rollback to nothing',
    'commit',
    'savepoint s',
    'release s',
    'rollback to s',
    'select 1; savepoint s',
    ['savepoint s'],
    ['begin', 'savepoint "a b"', 'rollback transaction to savepoint "a b"', 'commit'],
  ],
  'what is said at the wrong time': [
    'commit',
    'rollback',
    'begin',
    'begin',
    'commit and no chain',
    'commit and chain',
    'rollback and chain',
    'begin transaction nonsense',
    'lock table a',
    'declare c cursor for select 1',
    ['lock table a'],
    'begin',
    'lock table a',
    'declare c cursor for select n from a',
    'fetch c',
    'commit',
  ],
  chains: [
    'begin',
    add(1),
    'commit and chain',
    add(2),
    'rollback and chain',
    add(3),
    add(3),
    'commit and chain',
    add(4),
    'commit',
  ],
  'modes of transactions': [
    'begin isolation level serializable, read write',
    add(1),
    'commit',
    'begin transaction isolation level repeatable read read only',
    add(2),
    'rollback',
    'start transaction read only',
    'select n from a',
    'commit',
    add(3),
    'begin',
    'set transaction isolation level serializable',
    'set transaction read only',
    add(4),
    'commit',
    add(5),
    'begin read only deferrable',
    'rollback',
    add(6),
  ],
  'deferred constraints': [
    orphan,
    `${orphan}; select 1`,
    [orphan],
    'begin',
    orphan,
    'select 1',
    'commit',
    'select 1',
    'begin',
    orphan,
    'insert into a (id, n) values (77, 77)',
    'commit',
    ['begin', orphan, 'commit', 'select 1'],
    'begin',
    'set constraints all immediate',
    'insert into b (a_id) values (78)',
    'rollback',
    'begin',
    'insert into b (a_id) values (78)',
    'set constraints all immediate',
    'rollback',
    'begin; insert into b (a_id) values (78); commit; select 1',
    'begin',
    'insert into b (a_id) values (79)',
    'rollback',
    'insert into b (a_id) values (1)',
  ],
  'deferred triggers fire once, and what they do stays': [
    'begin',
    add(1),
    'select word from log',
    'commit',
    'select word from log',
    'begin',
    add(2),
    'rollback',
    add(3),
    'select word from log',
  ],
  'constraints that come and go': [
    'create table t_c (id int primary key, up int references t_c deferrable initially deferred)',
    'insert into t_c values (1, 2)',
    'begin',
    'insert into t_c values (1, 2)',
    'insert into t_c values (2, 2)',
    'commit',
    'alter table b drop constraint b_a_id_fkey',
    orphan,
    'drop table t_c',
    'create table t_d (n int unique deferrable initially deferred)',
    'begin',
    orphan,
    'insert into t_d values (1), (1)',
    'commit',
    orphan,
  ],
  'settings for a transaction': [
    'begin',
    `set local work_mem = '5MB'`,
    `select set_config('app.x', 'y', true)`,
    'show work_mem',
    'commit',
    'show work_mem',
    `select current_setting('app.x')`,
    `select set_config('app.x', 'z', true)`,
    `select current_setting('app.x')`,
    'begin',
    'set local role reader',
    add(1),
    'rollback',
    'begin',
    'set local role reader',
    'select current_user',
    'select n from a',
    'commit',
    'select current_user',
    `set work_mem = '6MB'`,
    'begin',
    `set local work_mem = '7MB'`,
    `set work_mem = '8MB'`,
    'commit',
    'show work_mem',
    'begin',
    `set work_mem = '9MB'`,
    'rollback',
    'show work_mem',
    'reset work_mem',
    'show work_mem',
  ],
  'several connections take turns': [
    [0, add(1)],
    [1, 'begin'],
    [1, add(2)],
    [1, 'commit'],
    [0, 'select n from a order by n'],
    [0, `set application_name = 'zero'`],
    [1, 'show application_name'],
    [1, 'create temp table t_x (n int)'],
    [0, 'create temp table t_x (s text)'],
    [1, 'insert into t_x values (1)'],
    [0, `insert into t_x values ('s')`],
    [1, 'select * from t_x'],
    [0, 'prepare p as select 5'],
    [0, 'execute p'],
    [1, 'execute p'],
    [1, 'discard all'],
    [1, 'select * from t_x'],
    [0, 'execute p'],
  ],
  'schema and roles': [
    'create table t_new (id int)',
    'insert into t_new values (1)',
    'alter table t_new add column x text',
    'begin',
    'drop table t_new',
    'rollback',
    'select * from t_new',
    'create role t_role',
    'grant select on t_new to t_role',
    'truncate a restart identity cascade',
    add(1),
    'do $$ begin perform 1; end $$',
  ],
  copies: ['copy a (n) to stdout', 'begin', 'copy a (n) to stdout', 'commit'],
}

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faasjs-pg-scripts-'))
  await writeFile(join(folder, '20260101000000000-tables.sql'), SCRIPT_TABLES)
  vi.stubEnv('FAASJS_PG_CACHE', join(folder, 'cache'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each([
  ['PGlite', (): TestDatabaseOptions => ({ engine: 'pglite' })],
  ['PostgreSQL', (): TestDatabaseOptions => ({ url: inject('postgresAdminUrl') })],
])('on %s', (_, engine) => {
  let plain: TestDatabase
  let inOne: TestDatabase

  beforeAll(async () => {
    plain = await createTestDatabase({ migrations: folder, ...engine() })
    inOne = await createTestDatabase({ migrations: folder, ...engine(), reset: 'transaction' })
  })
  afterAll(() => Promise.all([plain.close(), inOne.close()]))

  test.each(Object.entries(scripts))('clients are told the same: %s', async (_, script) => {
    await Promise.all([plain.reset(), inOne.reset()])
    const expected = await play(plain.parameters, script)
    expect(await play(inOne.parameters, script)).toEqual(expected)
    expect(await readState(inOne.parameters)).toEqual(await readState(plain.parameters))
  })

  test('everything is taken back, sequences as well', async () => {
    await inOne.reset()
    const before = await readState(inOne.parameters)
    for (const script of Object.values(scripts)) {
      await play(inOne.parameters, script)
      await inOne.reset()
      expect(await readState(inOne.parameters)).toEqual(before)
    }
  })

  test('what was published is taken back as well', async () => {
    await inOne.reset()
    const before = await readState(inOne.parameters)
    await play(inOne.parameters, [add(1), 'create table t_new (id int)'])
    await inOne.publish()
    await play(inOne.parameters, [add(2)])
    expect((await readState(inOne.parameters))[0]).toContain('D:1 D:2')
    await inOne.reset()
    expect(await readState(inOne.parameters)).toEqual(before)
  })
})
