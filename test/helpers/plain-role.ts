import { randomUUID } from 'node:crypto'

import { Client } from 'pg'
import { inject, onTestFinished } from 'vitest'

/**
 * A role that may create databases and nothing else, on the server of the tests unless another one is given: the URL
 * for it. Both go with the test.
 */
export async function createPlainRole(
  adminUrl: string = inject('postgresAdminUrl'),
): Promise<string> {
  const name = `plain_${randomUUID().slice(0, 8)}`
  await asAdmin(adminUrl, (admin) =>
    admin.query(`create role ${name} login createdb password 'plain'`),
  )
  onTestFinished(() =>
    asAdmin(adminUrl, async (admin) => {
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
  const url = new URL(adminUrl)
  url.username = name
  url.password = 'plain'
  return url.href
}

async function asAdmin(url: string, work: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client(url)
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.end()
  }
}
