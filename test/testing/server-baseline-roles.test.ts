import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'

import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import { copyOf } from './copy-of.ts'
import {
  RARE_CHANGES,
  RARE_CHANGES_OF_SUPERUSERS,
  RARE_THINGS,
  RARE_THINGS_OF_SUPERUSERS,
  SCHEMA_PUBLISHED,
} from './rare-changes.ts'

let database: Database

beforeAll(async () => {
  database = await openDatabase(inject('postgresAdminUrl'))
})

afterAll(() => database.close())

describe.each(['superuser', 'nosuperuser'])('where a %s resets', (attribute) => {
  async function createRole(): Promise<string> {
    const role = `role_${randomUUID().slice(0, 8)}`
    await database.query(`create role ${role} ${attribute}`)
    onTestFinished(async () => void (await database.query(`drop role ${role}`)))
    return role
  }

  test('changes of what is rare are seen', async () => {
    const isSuperuser = attribute === 'superuser'
    const things = RARE_THINGS + (isSuperuser ? RARE_THINGS_OF_SUPERUSERS : '')
    const { copy, own } = await copyOf(database, things, await createRole())
    const changes = [
      ...RARE_CHANGES,
      ...(isSuperuser ? RARE_CHANGES_OF_SUPERUSERS : []),
      ...(isSuperuser && inject('postgresMajor') >= 15 ? [SCHEMA_PUBLISHED] : []),
    ]
    const unseen: string[] = []
    for (const sql of changes) {
      expect(await own.reset()).toMatchObject({ changes: [] })
      await copy.query(sql)
      if ((await own.reset()).changes.every((change) => change.of !== 'database')) unseen.push(sql)
      await own.capture()
    }
    expect(unseen).toEqual([])
  })

  test('triggers that partitions have from their parent do not fire', async () => {
    const { copy, own } = await copyOf(
      database,
      `create table log (what text);
      create function note() returns trigger language plpgsql as
        $$ begin insert into log values (tg_op); return null; end $$;
      create table parted (k int, n int, name text) partition by list (k);
      create table one partition of parted for values in (1) partition by range (n);
      create table one_low partition of one for values from (0) to (10);
      create table rest partition of parted default;
      insert into parted values (1, 1, 'a'), (2, 1, 'b');
      create trigger always after insert or delete on parted for each row execute function note();
      create trigger origin before delete on parted for each row execute function note();
      create trigger replica before delete on parted for each row execute function note();
      create constraint trigger checked after insert on parted for each row execute function note();
      alter table parted enable always trigger always;
      alter table parted enable replica trigger replica;
      alter table parted enable always trigger checked;
      alter table rest disable trigger checked`,
      await createRole(),
    )
    const enabled = `select tgrelid::regclass::text, tgname, tgenabled from pg_trigger order by 1, 2`
    const before = (await copy.query(enabled)).rows
    for (let round = 1; round <= 2; round++) {
      await copy.query(
        `update parted set name = 'x'; insert into parted select k, 2, 'y' from parted`,
      )
      expect((await copy.query('select distinct what from log')).rows).toEqual([{ what: 'INSERT' }])
      expect(await own.reset()).toMatchObject({ changes: [] })
      expect((await copy.query('select * from parted order by k')).rows).toEqual([
        { k: 1, n: 1, name: 'a' },
        { k: 2, n: 1, name: 'b' },
      ])
      expect((await copy.query('select * from log')).rows).toEqual([])
      expect((await copy.query(enabled)).rows).toEqual(before)
    }
  })
})
