import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'

import {
  type Address,
  connectionParameters,
  databaseUrl,
} from '../../src/testing/server/address.ts'
import { listenAnywhere } from '../../src/testing/server/listen.ts'
import { createSocketFolder, removeSocketFolder } from '../../src/testing/server/socket-folder.ts'
import { WireServer } from '../../src/testing/server/wire-server.ts'
import { snapshotOf, startHost } from './helpers.ts'
import { runPsql } from './psql.ts'

const unix = process.platform !== 'win32'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'socket-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What three clients say that connect to this address. */
async function askAt(address: Address): Promise<unknown[]> {
  const url = databaseUrl(address)
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ n: number }>('select 1 as n')
  await client.end()
  return [rows[0]?.n, await askPostgres(address), await runPsql(url, ['-Atc', 'select 3'])]
}

/** The client `postgres` reads no socket from a URL, and knows no IPv6 addresses. */
async function askPostgres(address: Address): Promise<unknown> {
  if (address.host === '::1') return 2
  const isPath = address.host.startsWith('/')
  const sql = isPath ? postgres(connectionParameters(address)) : postgres(databaseUrl(address))
  const [row] = await sql<{ n: number }[]>`select ${2}::int as n`
  await sql.end()
  return row?.n
}

test('serves clients on a Unix socket, in a private folder, which goes with it', async () => {
  const { host } = await startHost(snapshotOf(''))
  const server = new WireServer({ lobby: host, onControl: (socket) => socket.destroy() })
  if (!unix) {
    await expect(server.listen('socket')).rejects.toMatchObject({
      code: 'FAASJS_PG_TEST_DATABASE_FAILED',
    })
    return
  }
  const address = await server.listen('socket')
  expect(statSync(address.host).mode & 0o777).toBe(0o700)
  expect(await askAt(address)).toEqual([1, 2, expect.stringMatching(/^(3|no psql)$/)])
  await server.close()
  expect(existsSync(address.host)).toBe(false)
})

test('a server takes the address of one that was killed', async () => {
  const { host } = await startHost(snapshotOf(''))
  const killed = createServer()
  const address = await listenAnywhere(killed, unix ? 'socket' : 'tcp')
  const server = new WireServer({ lobby: host, onControl: (socket) => socket.destroy() })
  // The file of a Unix socket stays when its process is killed.
  if (!unix) await new Promise((resolve) => killed.close(resolve))
  expect(await server.listen('tcp', address)).toEqual(address)
  expect(await askAt(address)).toEqual([1, 2, expect.stringMatching(/^(3|no psql)$/)])
  await server.close()
  killed.close()
})

// 203.0.113.1 is of no machine (RFC 5737).
test.each([
  ['IPv6', ['203.0.113.1', '::1'], '::1', '[::1]'],
  ['a Unix socket', ['203.0.113.1', '203.0.113.2'], /faasjs-pg-/, '%2F'],
])('where TCP over IPv4 is not allowed: %s', async (_, hosts, expected, inUrl) => {
  const { host } = await startHost(snapshotOf(''))
  const probe = createServer()
  const address = await listenAnywhere(probe, 'tcp', hosts)
  await new Promise((resolve) => probe.close(resolve))
  expect(address.host).toMatch(expected)
  expect(databaseUrl(address)).toContain(`@${inUrl}`)
  const server = new WireServer({ lobby: host, onControl: (socket) => socket.destroy() })
  await server.listen('tcp', address)
  expect(await askAt(address)).toEqual([1, 2, expect.stringMatching(/^(3|no psql)$/)])
  await server.close()
})

test('what a killed process left is removed, and nothing else', () => {
  const parent = temporaryFolder()
  // Left by a process that is no more; a living one's, and what only looks alike, stay.
  const kept = ['faasjs-pg-test', `faasjs-pg-${process.ppid}-abcdef`]
  for (const name of ['faasjs-pg-999999999-abcdef', ...kept]) mkdirSync(join(parent, name))
  const folder = createSocketFolder(5432, parent)
  expect(folder !== undefined).toBe(unix)
  if (folder !== undefined) removeSocketFolder(folder)
  expect(readdirSync(parent).toSorted()).toEqual(
    unix ? kept.toSorted() : ['faasjs-pg-999999999-abcdef', ...kept].toSorted(),
  )
})

test('does without where the path is too long for a socket', () => {
  const parent = join(temporaryFolder(), 'x'.repeat(80))
  mkdirSync(parent)
  expect(createSocketFolder(5432, parent)).toBeUndefined()
  expect(readdirSync(parent)).toEqual([])
})
