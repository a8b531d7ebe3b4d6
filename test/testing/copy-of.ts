import pg from 'pg'
import { onTestFinished } from 'vitest'

import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import { ServerBaseline } from '../../src/testing/baseline/server-baseline.ts'
import { copyStrategy, freshDatabase } from '../helpers/postgres.ts'

/**
 * A database with a baseline of its own, copied from the one where it was recorded.
 *
 * @param admin - Any database of the server, as superuser.
 * @param role - Owns it, and resets.
 */
export async function copyOf(
  admin: Database,
  sql: string,
  role = 'postgres',
): Promise<{ copy: Database; own: ServerBaseline }> {
  const template = await freshDatabase()
  const name = new URL(template.url).pathname.slice(1)
  await admin.query(`alter database ${name} owner to ${role}`)
  const builder = new pg.Client(template.url)
  await builder.connect()
  await builder.query(`alter schema public owner to ${role}; set role ${role}`)
  const building = await openDatabase(builder)
  await building.query(sql)
  await new ServerBaseline(building).capture()
  await builder.end()
  await admin.query(
    `create database ${name}_copy template ${name} ${await copyStrategy(admin)} owner ${role}`,
  )
  const session = new pg.Client(template.url.replace(name, `${name}_copy`))
  await session.connect()
  await session.query(`set role ${role}`)
  const copy = await openDatabase(session)
  onTestFinished(async () => {
    await session.end()
    await admin.query(`drop database ${name}_copy with (force)`)
    await template.drop()
  })
  return { copy, own: new ServerBaseline(copy) }
}
