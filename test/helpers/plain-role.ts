import { randomUUID } from 'node:crypto'

import { Client } from 'pg'
import { inject, onTestFinished } from 'vitest'

/** The URL of the server of the tests, for a role that may create databases and nothing else. Both go with the test. */
export async function createPlainRole(): Promise<string> {
  const name = `plain_${randomUUID().slice(0, 8)}`
  await asAdmin((admin) => admin.query(`create role ${name} login createdb password 'plain'`))
  onTestFinished(() =>
    asAdmin(async (admin) => {
      const { rows } = await admin.query<{ name: string }>(
        `select datname as name from pg_database where datdba = '${name}'::regrole`,
      )
      for (const { name: database } of rows) {
        await admin.query(`alter database ${database} is_template false`)
        await admin.query(`drop database ${database} with (force)`)
      }
      await admin.query(`drop role ${name}`)
    }),
  )
  const url = new URL(inject('postgresAdminUrl'))
  url.username = name
  url.password = 'plain'
  return url.href
}

async function asAdmin(work: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client(inject('postgresAdminUrl'))
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.end()
  }
}
