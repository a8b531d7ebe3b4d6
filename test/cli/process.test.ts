import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { createProject, creates } from '../migration/project.ts'
import { emptyDatabase, recorded, tables } from '../migration/test-database.ts'
import { run, start } from './faasjs-pg.ts'

const typed = (table: string): string => `import type { SchemaBuilder } from '@faasjs/pg'

export function up(builder: SchemaBuilder): void {
  builder.createTable('${table}', (table) => {
    table.number('id').primary()
  })
}
`

const sleeps = `export function up(builder) {
  builder.raw('CREATE TABLE slept ()')
  builder.raw('SELECT pg_sleep(60)')
}
`
// Of this database: other tests sleep on the same server.
const SLEEPING = `SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`

/** Waits until something is true of the database. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe.each([
  ['an ESM', { type: 'module' }],
  ['a CommonJS', {}],
])('in %s project', (_, manifest) => {
  test('new, status, migrate, status, down', async () => {
    const database = await emptyDatabase('postgres')
    const { url } = database.options
    const project = createProject({}, manifest)
    const options = { cwd: project.root, url }

    const created = await run(['new', 'createUsers'], options)
    expect(created).toMatchObject({ code: 0, stderr: '' })
    const path = created.stdout.trim()
    expect(path).toMatch(/^src\/db\/migrations\/\d{17}-create-users\.ts$/)
    const name = path.replace(/^.*\/|\.ts$/g, '')
    writeFileSync(join(project.root, path), typed('users'))

    const before = await run(['status'], options)
    expect(before).toMatchObject({ code: 0, stderr: '0 applied, 1 pending, 0 missing\n' })
    expect(before.stdout).toMatch(new RegExp(`^pending +${name}\n$`))
    expect(await recorded(database)).toBeUndefined()
    expect(await run(['status', '--exit-code'], options)).toMatchObject({ code: 2 })

    const applied = await run(['migrate'], options)
    expect(applied.stdout).toMatch(new RegExp(`^applied  ${name}  \\d+ ms\n$`))
    expect(applied.stderr).toMatch(/^1 applied in /)
    expect(applied.code).toBe(0)
    expect(await tables(database)).toEqual(['users'])

    expect(await run(['status', '--exit-code'], options)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^applied +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  \d{17}-create-users\n$/,
      ),
    })
    expect(await run(['migrate'], options)).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'nothing is pending\n',
    })
    expect(await run(['down'], options)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^reverted  \d{17}-create-users  \d+ ms\n$/),
    })
    expect(await tables(database)).toEqual([])
  })
})

test('everything works on a PGlite folder, and the process ends', async () => {
  const project = createProject({ '1.ts': typed('users') })
  const options = { cwd: project.root, url: 'pglite:./.data/dev' }
  expect(await run(['migrate'], options)).toMatchObject({ code: 0 })
  expect(await run(['status', '--json'], options)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"applied": 1'),
  })
  expect(await run(['sql', 'SELECT count(*)::int AS n FROM users'], options)).toMatchObject({
    code: 0,
    stdout: '{"command":"SELECT","count":1,"rows":[{"n":0}]}\n',
  })
})

test('two migrate at once: both exit 0, each file once (U5)', async () => {
  const database = await emptyDatabase('postgres')
  const files = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`${index + 10}.ts`, typed(`t${index}`)]),
  )
  const { root } = createProject(files)
  const options = { cwd: root, url: database.options.url }
  const both = await Promise.all([run(['migrate'], options), run(['migrate'], options)])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  const lines = both.flatMap(({ stdout }) => stdout.trim().split('\n').filter(Boolean))
  expect(lines).toHaveLength(10)
  expect(await tables(database)).toHaveLength(10)
})

test('who waits says who holds the lock, on standard error', async () => {
  const database = await emptyDatabase('postgres')
  const { root } = createProject({ '1.mjs': sleeps })
  const options = { cwd: root, url: database.options.url }
  const first = start(['migrate'], options)
  await until(async () => (await database.query(SLEEPING)).length > 0)
  const second = start(['migrate'], options)
  await until(() => Promise.resolve(second.stderr().includes('waiting for another migration run')))
  expect(second.stderr()).toMatch(/held by pid \d+ \(application "faasjs-pg"\), connected since 2/)
  second.child.kill('SIGINT')
  expect(await second.ended()).toMatchObject({ code: 130, stdout: '' })
  first.child.kill('SIGINT')
  expect(await first.ended()).toMatchObject({ code: 130 })
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle: exit 130, rolled back, lock free',
  async (signal) => {
    const database = await emptyDatabase('postgres')
    const { root } = createProject({ '1.mjs': creates('a'), '2.mjs': sleeps })
    const running = start(['migrate'], { cwd: root, url: database.options.url })
    await until(async () => (await database.query(SLEEPING)).length > 0)
    running.child.kill(signal)
    expect(await running.ended()).toMatchObject({
      code: 130,
      signal: null,
      stdout: expect.stringMatching(/^applied  1 /),
      stderr: expect.stringMatching(
        new RegExp(`${signal}: rolling back\nFAASJS_PG_INTERRUPTED  interrupted by ${signal}`),
      ),
    })
    expect(await tables(database)).toEqual(['a'])
    expect(await recorded(database)).toEqual(['1'])
    expect(await database.query(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([])
    expect(await database.query(SLEEPING)).toEqual([])
  },
)

test('kill -9 in mid-migration leaves nothing, and the next run does it all', async () => {
  const database = await emptyDatabase('postgres')
  const project = createProject({ '1.mjs': creates('a'), '2.mjs': sleeps })
  const options = { cwd: project.root, url: database.options.url }
  const running = start(['migrate'], options)
  await until(async () => (await database.query(SLEEPING)).length > 0)
  running.child.kill('SIGKILL')
  expect(await running.ended()).toMatchObject({ signal: 'SIGKILL' })
  // The server notices a dead client when it next talks to it; here somebody helps it along.
  await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`,
  )
  project.write({ '2.mjs': sleeps.replace('60', '0') })
  expect(await run(['migrate'], options)).toMatchObject({ code: 0 })
  expect(await tables(database)).toEqual(['a', 'slept'])
  expect(await recorded(database)).toEqual(['1', '2'])
})

test('a failing statement names file, line, SQL and reason, exit 1', async () => {
  const database = await emptyDatabase('postgres')
  const project = createProject({
    '1.ts': `import type { SchemaBuilder } from '@faasjs/pg'

interface Unused {
  gone: string
}

export function up(builder: SchemaBuilder): void {
  builder.raw('CREATE TABLE a ()')
  builder.raw('CREATE TABLE b ()')
  builder.raw('SELECT nonsense')
}
`,
  })
  const ended = await run(['migrate'], { cwd: project.root, url: database.options.url })
  expect(ended.code).toBe(1)
  expect(ended.stdout).toBe('')
  expect(ended.stderr).toMatchInlineSnapshot(`
    "FAASJS_PG_STATEMENT_FAILED  migration "1" failed at src/db/migrations/1.ts:10
      sql  SELECT nonsense
                  ^
      why  column "nonsense" does not exist (SQLSTATE 42703)
      fix  correct the name of the column, or add the column first
      note nothing was applied: the migration ran in one transaction
    "
  `)
  expect(await tables(database)).toEqual([])
})

test('a file that cannot be loaded prints file and cause, exit 1 (U21)', async () => {
  const database = await emptyDatabase('postgres')
  const { root } = createProject({
    '1.ts': `import { x } from './deleted'\nexport const up = () => x`,
  })
  const ended = await run(['migrate'], { cwd: root, url: database.options.url })
  expect(ended).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^FAASJS_PG_LOAD_FAILED {2}migration "1" could not be loaded at src\/db\/migrations\/1\.ts:1\n {2}why {2}Error: Cannot find module/,
    ),
  })
})

test('notices of the server do not reach the output (U30)', async () => {
  const database = await emptyDatabase('postgres')
  const { root } = createProject({
    '1.mjs': `export const up = (builder) => builder.raw('CREATE TABLE IF NOT EXISTS pg_class_copy (); CREATE TABLE IF NOT EXISTS pg_class_copy ()')`,
  })
  const ended = await run(['migrate'], { cwd: root, url: database.options.url })
  expect(ended).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^1 applied in \S+ \w+\n$/),
  })
})

test('a builder that is used too late ends the command with an error (U1)', async () => {
  const database = await emptyDatabase('postgres')
  const { root } = createProject({
    '1.mjs': `export function up(builder) { setTimeout(() => builder.dropTable('x'), 1) }`,
    '2.mjs': `export const up = () => new Promise((resolve) => setTimeout(resolve, 1000))`,
  })
  const ended = await run(['migrate'], { cwd: root, url: database.options.url })
  expect(ended.code).not.toBe(0)
  expect(ended.stderr).toContain('FAASJS_PG_ASYNC_BUILDER')
  expect(await recorded(database)).toEqual(['1'])
})

test('a migration cannot end the process and look like a success', async () => {
  const project = createProject({ '1.mjs': 'process.exit(0)', '2.mjs': creates('a') })
  const { options } = await emptyDatabase('postgres')
  const ended = await run(['migrate'], { cwd: project.root, url: options.url })
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('a migration must not call process.exit()'),
  })
})

test('what a migration leaves loose is reported as every error is', async () => {
  const project = createProject({
    '1.mjs': `export async function up(builder) {
  setTimeout(() => builder.raw('SELECT 1'), 1)
}`,
    '2.mjs': `export async function up() { await new Promise((resolve) => setTimeout(resolve, 500)) }`,
  })
  const { options } = await emptyDatabase('postgres')
  const ended = await run(['migrate', '--json'], { cwd: project.root, url: options.url })
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/^FAASJS_PG_ASYNC_BUILDER {2}the builder of migration "1" was used/m)
  expect(ended.stderr).not.toContain('node:internal')
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'FAASJS_PG_ASYNC_BUILDER' } })
})

test.each([['status'], ['migrate'], ['down'], ['sql', 'SELECT 1'], ['--help'], ['new', 'x']])(
  '%s ends as soon as its work ends (U28)',
  async (...argv) => {
    const database = await emptyDatabase('postgres')
    const { root } = createProject({ '1.mjs': creates('a') })
    const running = start(argv, { cwd: root, url: database.options.url })
    let last = 0
    const note = (): void => {
      last = performance.now()
    }
    running.child.stdout?.on('data', note)
    running.child.stderr?.on('data', note)
    expect(await running.ended()).toMatchObject({ code: 0 })
    // The original took 5 s, always.
    expect(performance.now() - last).toBeLessThan(2500)
  },
)

test('a closed pipe is no error', async () => {
  const database = await emptyDatabase('postgres')
  const { root } = createProject({ '1.mjs': creates('a') })
  const running = start(['status', '--json'], { cwd: root, url: database.options.url })
  running.child.stdout?.destroy()
  expect(await running.ended()).toMatchObject({
    code: 0,
    stderr: '0 applied, 1 pending, 0 missing\n',
  })
})

describe('what is loaded', () => {
  const tracing = ['--import', new URL('fixtures/trace-imports.mjs', import.meta.url).href]
  const HEAVY = /^LOADS .*node_modules\/(?:oxc-transform|@electric-sql|vitest|pg-mem)/m

  test.each([['--help'], ['new', 'x'], ['status'], ['status', '--json']])(
    '%s needs no transformer and no embedded database',
    async (...argv) => {
      const database = await emptyDatabase('postgres')
      const { root } = createProject({ '1.ts': typed('a') })
      const ended = await run(argv, { cwd: root, url: database.options.url, nodeOptions: tracing })
      expect(ended.code).toBe(0)
      expect(ended.stderr).toMatch(/^LOADS .*dist\/cli\/main\.js$/m)
      expect(ended.stderr).not.toMatch(HEAVY)
    },
  )

  test('only what runs TypeScript loads the transformer, as this test can see', async () => {
    const database = await emptyDatabase('postgres')
    const { root } = createProject({ '1.ts': typed('a') })
    const options = { cwd: root, url: database.options.url, nodeOptions: tracing }
    const ended = await run(['migrate'], options)
    expect(ended.code).toBe(0)
    expect(ended.stderr).toMatch(HEAVY)
  })
})
