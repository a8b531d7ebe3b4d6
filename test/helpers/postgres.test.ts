import { existsSync } from 'node:fs'

import { Client } from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'

import { freshDatabase, startPostgres } from './postgres.ts'
import { runChild } from './run-child.ts'

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0]
  } finally {
    await client.end()
  }
}

test('a server of its own, by TCP with password and by socket', async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  expect(await ask(server.url, 'SELECT current_database()')).toBe('test')
  expect(await ask(server.socketUrl, 'SELECT current_database()')).toBe('test')
  expect(await ask(server.adminUrl, 'SHOW server_version')).toMatch(
    new RegExp(`^${server.major}\\.`),
  )
  const wrong = new URL(server.url)
  wrong.password = 'wrong'
  await expect(ask(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed')
})

test('stop ends it and removes its files', async () => {
  const server = await startPostgres()
  const folder = new URL(server.socketUrl).searchParams.get('host') ?? ''
  expect(existsSync(folder)).toBe(true)
  await server.stop()
  await server.stop()
  expect(existsSync(folder)).toBe(false)
  await expect(ask(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
})

test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('%s of its owner ends it', async (signal) => {
  const owner = runChild(`
    import { startPostgres } from ${JSON.stringify(new URL('./postgres-server.ts', import.meta.url))}
    const server = await startPostgres()
    console.log(server.socketUrl)
    setInterval(() => {}, 1000)
  `)
  const url = (await owner.line()) ?? ''
  const folder = new URL(url).searchParams.get('host') ?? ''
  expect(await ask(url, 'SELECT 1')).toBe(1)
  owner.kill(signal)
  expect((await owner.ended()).signal).toBe(signal)
  await vi.waitUntil(() => !existsSync(folder), { timeout: 30_000 })
  await expect(ask(url, 'SELECT 1')).rejects.toThrow('ENOENT')
})

test('a forgotten server does not keep its owner alive', async () => {
  const owner = runChild(`
    import { startPostgres } from ${JSON.stringify(new URL('./postgres-server.ts', import.meta.url))}
    console.log((await startPostgres()).socketUrl)
  `)
  const folder = new URL((await owner.line()) ?? '').searchParams.get('host') ?? ''
  expect(await owner.ended()).toMatchObject({ code: 0, stderr: '' })
  await vi.waitUntil(() => !existsSync(folder), { timeout: 30_000 })
})

test('databases with a given name', async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  expect(await ask(await server.createDatabase('a "b"'), 'SELECT current_database()')).toBe('a "b"')
})

test('a fresh database is empty and can be dropped while somebody is connected', async () => {
  const one = await freshDatabase()
  const two = await freshDatabase()
  onTestFinished(two.drop)
  const client = new Client(one.url)
  client.on('error', () => undefined)
  await client.connect()
  await client.query('CREATE TABLE t ()')
  expect(await ask(two.url, `SELECT to_regclass('t')`)).toBe(null)
  await one.drop()
  await one.drop()
  await expect(ask(one.url, 'SELECT 1')).rejects.toThrow('does not exist')
})
