import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'

import pg from 'pg'
import { expect, test } from 'vitest'

import { createProject, creates } from '../migration/project.ts'
import { run, start } from './faasjs-pg.ts'

test.each(['pglite', 'postgres'])(
  'test-server keeps a migrated database until Ctrl-C: %s',
  async (engine) => {
    const project = createProject({ '20260101000000000-create-users.ts': creates('users') })
    symlinkSync(resolve('node_modules'), join(project.root, 'node_modules'))
    const server = start(['test-server', '--engine', engine], {
      cwd: project.root,
      env: { FAASJS_PG_CACHE: join(project.root, 'cache') },
    })
    const [url] = (await once(server.child.stdout ?? server.child, 'data')) as [string]
    const client = new pg.Client(url.trim())
    client.on('error', () => {})
    await client.connect()
    expect((await client.query('select * from users')).rows).toEqual([])
    await client.end()
    server.child.kill('SIGINT')
    expect(await server.ended()).toMatchObject({ code: 0, signal: null, stdout: url })
    await expect(new pg.Client(url.trim()).connect()).rejects.toThrow('ECONNREFUSED')
  },
)

test('an engine that there is not is an error', async () => {
  const project = createProject({})
  const result = await run(['test-server', '--engine', 'mysql'], { cwd: project.root })
  expect(result).toMatchObject({ code: 1, stdout: '' })
  expect(result.stderr).toContain('"mysql" is no engine for test databases')
})

test('a server of production is refused', async () => {
  const project = createProject({})
  const url = 'postgres://me:secret@shop.eu-west-1.rds.amazonaws.com/postgres'
  const result = await run(['test-server', '--engine', 'postgres', '--url', url], {
    cwd: project.root,
  })
  expect(result).toMatchObject({ code: 1, stdout: '' })
  expect(result.stderr).toContain('FAASJS_PG_NOT_A_TEST_DATABASE')
  expect(result.stderr).not.toContain('secret')
})
