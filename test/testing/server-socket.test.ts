import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'

import { WireServer } from '../../src/testing/server/wire-server.ts'
import { snapshotOf, startHost } from './helpers.ts'
import { runPsql } from './psql.ts'

const unix = process.platform !== 'win32'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'socket-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('serves clients on a Unix socket, in a private folder, which goes with it', async () => {
  const { host, port } = await startHost(snapshotOf(''))
  const server = new WireServer({ lobby: host, onControl: (socket) => socket.destroy() })
  const parent = temporaryFolder()
  // Left by a process that is no more; a living one's, and what only looks alike, stay.
  const kept = ['faasjs-pg-test', `faasjs-pg-${process.ppid}-abcdef`]
  for (const name of ['faasjs-pg-999999999-abcdef', ...kept]) mkdirSync(join(parent, name))

  await server.listen(0)
  const folder = await server.listenLocally(port, parent)
  expect(folder !== undefined).toBe(unix)
  if (folder !== undefined) {
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    const client = new pg.Client({ host: folder, port, user: 'postgres', database: 'postgres' })
    await client.connect()
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    await client.end()

    const sql = postgres({
      path: join(folder, `.s.PGSQL.${port}`),
      user: 'postgres',
      database: 'postgres',
    })
    expect(await sql`select ${2}::int as n`).toMatchObject([{ n: 2 }])
    await sql.end()

    const url = `postgres:///postgres?host=${encodeURIComponent(folder)}&port=${port}&user=postgres`
    expect(await runPsql(url, ['-Atc', 'select 3'])).toMatch(/^(3|no psql)$/)
    await server.close()
    expect(existsSync(folder)).toBe(false)
  }
  await server.close().catch(() => {})
  expect(readdirSync(parent).toSorted()).toEqual(
    unix ? kept.toSorted() : ['faasjs-pg-999999999-abcdef', ...kept].toSorted(),
  )
})

test('does without where the path is too long for a socket', async () => {
  const { host, port } = await startHost(snapshotOf(''))
  const server = new WireServer({ lobby: host, onControl: (socket) => socket.destroy() })
  await server.listen(0)
  const parent = join(temporaryFolder(), 'x'.repeat(80))
  mkdirSync(parent)
  expect(await server.listenLocally(port, parent)).toBeUndefined()
  expect(readdirSync(parent)).toEqual([])
  await server.close()
})
