import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createTestDatabase } from '@faasjs/pg/testing'
import pg from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'

import { findMigrations } from '../../../src/migration/source.ts'
import { migrate } from '../../../src/testing/host/fill-database.ts'
import { connect } from '../../helpers/connect.ts'
import { freshDatabase } from '../../helpers/postgres.ts'

// What PostgreSQL keeps beside a database, and does not copy with it.
const PROPERTIES = `
select o.rolname as owner, datconnlimit, shobj_description(d.oid, 'pg_database') as comment,
  (select array_agg(a::text order by a::text) from unnest(datacl) a) as privileges,
  (select array_agg(coalesce(r.rolname, '') || ' ' || s.setconfig::text order by r.rolname)
   from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole where s.setdatabase = d.oid) as settings
from pg_database d join pg_roles o on o.oid = datdba where datname = current_database()`

async function properties(url: string): Promise<unknown> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(PROPERTIES)).rows[0]
  } finally {
    await client.end()
  }
}

/** A role that goes with the test, whatever it has or may do by then. */
async function makeRole(): Promise<string> {
  const role = `role "${randomUUID().slice(0, 8)}"`
  const admin = await connect(inject('postgresAdminUrl'))
  await admin.query(`create role ${pg.escapeIdentifier(role)}`)
  onTestFinished(async () => {
    const last = new pg.Client(inject('postgresAdminUrl'))
    await last.connect()
    const { rows } = await last.query<{ name: string }>(
      `select datname as name from pg_database where datname like 'fpgt%'
       and datacl::text || datdba::regrole::text like $1`,
      [`%${role.slice(6, 14)}%`],
    )
    for (const { name } of rows) {
      await last.query(`alter database ${name} is_template false`)
      await last.query(`drop database ${name} with (force)`)
    }
    await last.query(`drop role ${pg.escapeIdentifier(role)}`)
    await last.end()
  })
  return role
}

/** Migrations that say something of their database, whatever its name. */
async function writeMigrations(statements: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'faasjs-pg-clones-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [index, sql] of statements.entries()) {
    const text = `do $do$ begin execute replace($sql$${sql}$sql$, ':database', quote_ident(current_database())); end $do$;`
    await writeFile(join(folder, `2026010${index + 1}000000000-step.sql`), text)
  }
  return folder
}

test('a clone has of its database what one that is migrated itself has', async () => {
  const [reader, owner, other] = [await makeRole(), await makeRole(), await makeRole()].map(
    pg.escapeIdentifier,
  )
  const steps = [
    `alter database :database set search_path to app, public`,
    `alter database :database set "app.name" to 'a ''quoted'' \\ name';
     alter role ${reader} in database :database set work_mem to '5MB'`,
    `revoke all on database :database from public;
     grant connect, create on database :database to ${reader} with grant option;
     set local role ${reader}; grant connect on database :database to ${other}; reset role`,
    `comment on database :database is $c$first line
2020-01-01$c$; alter database :database connection limit 90`,
    `alter database :database owner to ${owner}`,
  ]
  const folder = await writeMigrations(steps)

  const fresh = await freshDatabase()
  onTestFinished(fresh.drop)
  await migrate(fresh.url, await findMigrations(folder))
  const expected = await properties(fresh.url)
  expect(expected).toMatchObject({ comment: 'first line\n2020-01-01', datconnlimit: 90 })

  const options = { engine: 'postgres', url: inject('postgresAdminUrl') } as const
  // Built on nothing, on the template of the first steps, and taken as it is.
  for (const count of [3, steps.length, steps.length]) {
    const part = await writeMigrations(steps.slice(0, count))
    const database = await createTestDatabase({ ...options, migrations: part })
    onTestFinished(() => database.close())
    if (count < steps.length) continue
    expect(await properties(database.url)).toEqual(expected)

    const client = await connect(database.url)
    const name = pg.escapeIdentifier(new URL(database.url).pathname.slice(1))
    // The baseline does not change by being looked at.
    await database.reset()
    await client.query('select 1')
    for (const change of [
      `grant all on database ${name} to public`,
      `comment on database ${name} is 'other'`,
      `alter database ${name} reset search_path`,
      `alter database ${name} owner to ${other}`,
    ]) {
      const again = await connect(database.url)
      await again.query(change)
      expect(await properties(database.url), change).not.toEqual(expected)
      await database.reset()
      expect(await properties(database.url), change).toEqual(expected)
    }
  }
})

test('a clone of a plain database has nothing of its own', async () => {
  const folder = await writeMigrations(['create table things ()'])
  const fresh = await freshDatabase()
  onTestFinished(fresh.drop)
  await migrate(fresh.url, await findMigrations(folder))
  for (const engine of [{ url: inject('postgresAdminUrl') }, {}]) {
    const database = await createTestDatabase({ ...engine, engine: 'postgres', migrations: folder })
    onTestFinished(() => database.close())
    expect(await properties(database.url)).toEqual(await properties(fresh.url))
  }
})
