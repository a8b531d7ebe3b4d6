import { EventEmitter } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import { describe, expect, test } from 'vitest'

import { main } from '../../src/cli/main.ts'
import { createProject, creates } from '../migration/project.ts'
import { emptyDatabase, recorded, tables } from '../migration/test-database.ts'

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line in this process. */
async function cli(
  argv: readonly string[],
  { url, stdin = '' }: { url?: string | undefined; stdin?: string } = {},
): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  const signals = new EventEmitter()
  const code = await main(argv, {
    env: url === undefined ? {} : { DATABASE_URL: url },
    stdin: Readable.from([stdin]),
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    signals,
  })
  expect(signals.eventNames()).toEqual([])
  return { code, stdout, stderr }
}

const VERBS = ['new', 'status', 'migrate', 'up', 'down', 'test-server', 'sql']

describe('help', () => {
  test('lists every command, the URL forms and the exit codes', async () => {
    const { code, stdout, stderr } = await cli(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: faasjs-pg [options] [command]

      Migrations for PostgreSQL

      Options:
        --version                output the version number
        --help                   show help

      Commands:
        new [options] <name...>  write an empty migration
        status [options]         show applied, pending and missing migrations; writes
                                 nothing
        migrate [options]        apply everything that is pending
        up [options]             apply the next pending migration
        down [options]           take back the migration that was applied last
        test-server [options]    start a migrated test database, print its URL, and
                                 drop it on Ctrl-C
        test                     the databases of failed tests, which are kept
        sql [options] <sql...>   run SQL and print { command, count, rows } as JSON
        help [command]           show help for a command

      DATABASE_URL is a server (postgres://user:password@localhost:5432/app) or an embedded
      database (pglite:./.data/dev).

      Exit codes: 0 fine, 1 error, 2 pending (status --exit-code), 3 history problem,
      5 lock not obtained, 130 interrupted.
      "
    `)
  })

  test.each(VERBS)('%s has its own', async (verb) => {
    const { code, stdout, stderr } = await cli([verb, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: faasjs-pg ${verb} [options]`)
    expect(stdout).toContain('--json')
  })

  test('of status', async () => {
    expect((await cli(['status', '--help'])).stdout).toMatchInlineSnapshot(`
      "Usage: faasjs-pg status [options]

      show applied, pending and missing migrations; writes nothing

      Options:
        --url <url>      address of the database (default: the environment variable
                         DATABASE_URL)
        --folder <path>  folder of the migrations (default: src/db/migrations)
        --json           print the result as one JSON document
        --exit-code      exit with 2 when migrations are pending, with 3 when files
                         are missing
        --help           show help
      "
    `)
  })

  test('help <command> is the same', async () => {
    expect(await cli(['help', 'down'])).toEqual(await cli(['down', '--help']))
  })

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(await cli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('nothing at all shows the help, as an error', async () => {
    const { code, stdout, stderr } = await cli([])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('Usage: faasjs-pg')
  })
})

describe('what is wrong with the arguments', () => {
  test.each([
    [['migrat'], `error: unknown command 'migrat'\n(Did you mean migrate?)`],
    [['statsu'], `(Did you mean status?)`],
    [['frobnicate'], `error: unknown command 'frobnicate'`],
    [['status', '--foldr', 'x'], `error: unknown option '--foldr'\n(Did you mean --folder?)`],
    [['status', '--url'], `error: option '--url <url>' argument missing`],
    [['status', 'extra'], `error: too many arguments for 'status'`],
    [['new'], `error: missing required argument 'name'`],
    [['sql'], `error: missing required argument 'sql'`],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await cli(argv, { url: 'postgres://localhost' })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
  })
})

describe('the address of the database', () => {
  test.each([
    ['status', undefined],
    ['migrate', ''],
    ['up', '  '],
    ['down', undefined],
    ['sql SELECT', undefined],
  ])('%s without one shows both ways on', async (line, url) => {
    const { code, stdout, stderr } = await cli(line.split(' '), { url })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^FAASJS_PG_NO_DATABASE_URL [^]*DATABASE_URL=postgres:\/\/[^]*DATABASE_URL=pglite:\.\/\.data\/dev/,
    )
  })

  test('a directory instead of a URL', async () => {
    const { folder, root } = createProject()
    const { code, stderr } = await cli(['migrate', '--folder', folder, '--url', root])
    expect(code).toBe(1)
    expect(stderr).toContain('FAASJS_PG_BAD_URL')
    expect(stderr).toContain(`pglite:${root}`)
  })

  test('a server that does not answer', async () => {
    const { folder } = createProject()
    const url = 'postgres://someone:sesame@127.0.0.1:1/app'
    const { code, stderr } = await cli(['status', '--folder', folder], { url })
    expect(code).toBe(1)
    expect(stderr).toContain('FAASJS_PG_CONNECTION_FAILED')
    expect(stderr).toContain('127.0.0.1:1')
    expect(stderr).not.toContain('sesame')
  })

  test.each(['status', 'migrate', 'up', 'down', 'sql'])(
    'a wrong password is never printed: %s',
    async (verb) => {
      const database = await emptyDatabase('postgres')
      const url = new URL(database.options.url ?? '')
      url.password = 'open-sesame'
      const { folder } = createProject({ '1.mjs': creates('a') })
      const rest = verb === 'sql' ? ['SELECT 1'] : ['--folder', folder]
      const { code, stdout, stderr } = await cli([verb, ...rest, '--json'], { url: url.href })
      expect(code).toBe(1)
      expect(stderr).toContain('password authentication failed')
      expect(JSON.parse(stdout)).toMatchObject({
        error: { code: 'FAASJS_PG_CONNECTION_FAILED' },
      })
      expect(stdout + stderr).not.toContain('open-sesame')
    },
  )

  test('--url goes before DATABASE_URL', async () => {
    const database = await emptyDatabase('postgres')
    const argv = ['sql', 'SELECT 1 AS one', '--url', database.options.url ?? '']
    expect(await cli(argv, { url: 'postgres://127.0.0.1:1/nowhere' })).toEqual({
      code: 0,
      stdout: '{"command":"SELECT","count":1,"rows":[{"one":1}]}\n',
      stderr: '',
    })
  })
})

describe('new', () => {
  test('prints the path; words become one name', async () => {
    const { folder } = createProject()
    const { code, stdout, stderr } = await cli(['new', 'add', 'email', '--folder', folder])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/\d{17}-add-email\.ts\n$/)
  })

  test('says when the name had to be dated after now', async () => {
    const { folder } = createProject({ '99990101000000000-far.ts': '' })
    const { code, stdout, stderr } = await cli(['new', 'x', '--folder', folder, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      name: '99990101000000001-x',
      path: join(folder, '99990101000000001-x.ts'),
      isPostdated: true,
    })
    expect(stderr).toContain('dated after now')
  })

  test('refuses a bad name and writes nothing (U29)', async () => {
    const { root } = createProject()
    const folder = join(root, 'fresh')
    const { code, stdout, stderr } = await cli(['new', 'a/b', '--folder', folder])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('FAASJS_PG_BAD_MIGRATION_NAME')
    expect(stderr).toContain('npx faasjs-pg new a-b')
    expect(existsSync(folder)).toBe(false)
  })
})

describe('a missing folder', () => {
  test.each(['status', 'migrate', 'up', 'down'])('%s exits 1 (U26)', async (verb) => {
    const database = await emptyDatabase('postgres')
    const { root } = createProject()
    const folder = join(root, 'nowhere')
    const { code, stderr } = await cli([verb, '--folder', folder], database.options)
    expect(code).toBe(1)
    expect(stderr).toContain(`FAASJS_PG_FOLDER_NOT_FOUND  migration folder not found: ${folder}`)
    expect(await recorded(database)).toBeUndefined()
  })
})

describe('an empty folder', () => {
  test.each([
    ['status', /^no migrations in .*\n0 applied, 0 pending, 0 missing\n$/],
    ['migrate', /^nothing is pending\n$/],
    ['up', /^nothing is pending\n$/],
    ['down', /^nothing to take back: the history is empty\n$/],
  ])('%s exits 0', async (verb, message) => {
    const database = await emptyDatabase('postgres')
    const { folder } = createProject()
    const { code, stdout, stderr } = await cli([verb, '--folder', folder], database.options)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(message)
  })
})

describe('status', () => {
  test('shows applied, pending and missing; --exit-code tells (U27)', async () => {
    const database = await emptyDatabase('postgres')
    const project = createProject({ '1.mjs': creates('a') })
    const argv = ['status', '--folder', project.folder]
    await cli(['migrate', '--folder', project.folder], database.options)
    expect(await cli([...argv, '--exit-code'], database.options)).toMatchObject({ code: 0 })

    project.write({ '2.mjs': creates('b') })
    expect(await cli(argv, database.options)).toMatchObject({ code: 0 })
    expect(await cli([...argv, '--exit-code'], database.options)).toMatchObject({ code: 2 })

    await database.query(
      `INSERT INTO faasjs_pg_migrations VALUES ('0-gone', '2020-01-02T03:04:05Z')`,
    )
    const { code, stdout, stderr } = await cli([...argv, '--exit-code'], database.options)
    expect(code).toBe(3)
    expect(stdout).toMatch(
      /^missing  2020-01-02 03:04:05Z  0-gone\napplied  \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  1\npending {24}2\n$/,
    )
    expect(stderr).toBe('1 applied, 1 pending, 1 missing\n')

    const json = await cli([...argv, '--json'], database.options)
    expect(JSON.parse(json.stdout)).toEqual({
      applied: 1,
      pending: 1,
      missing: 1,
      migrations: [
        { name: '0-gone', state: 'missing', migration_time: '2020-01-02T03:04:05.000Z' },
        {
          name: '1',
          state: 'applied',
          file: join(project.folder, '1.mjs'),
          migration_time: expect.any(String),
        },
        { name: '2', state: 'pending', file: join(project.folder, '2.mjs') },
      ],
    })
  })
})

describe('migrate, up, down', () => {
  test('print a line for each migration', async () => {
    const database = await emptyDatabase('postgres')
    const { folder } = createProject({
      '1.mjs': creates('a'),
      '2.mjs': creates('b'),
      '3.mjs': creates('c'),
    })
    const up = await cli(['up', '--folder', folder], database.options)
    expect(up.code).toBe(0)
    expect(up.stdout).toMatch(/^applied  1  \d+ ms\n$/)
    expect(up.stderr).toMatch(/^1 applied in \d+ ms, 2 still pending\n$/)
    const migrate = await cli(['migrate', '--folder', folder], database.options)
    expect(migrate.stdout).toMatch(/^applied  2  \d+ ms\napplied  3  \d+ ms\n$/)
    const down = await cli(['down', '--folder', folder], database.options)
    expect(down).toMatchObject({ code: 0, stderr: '' })
    expect(down.stdout).toMatch(/^reverted  3  \d+ ms\n$/)
  })

  test('--json prints one document with the same facts', async () => {
    const database = await emptyDatabase('postgres')
    const { folder } = createProject({ '1.mjs': creates('a') })
    const up = await cli(['migrate', '--folder', folder, '--json'], database.options)
    expect(JSON.parse(up.stdout)).toEqual({
      applied: [{ name: '1', durationMs: expect.any(Number), statements: 1 }],
      pending: [],
      missing: [],
    })
    const down = await cli(['down', '--folder', folder, '--json'], database.options)
    expect(JSON.parse(down.stdout)).toMatchObject({ reverted: [{ name: '1' }], pending: ['1'] })
  })

  test('warn of missing files, and go on', async () => {
    const database = await emptyDatabase('postgres')
    const { folder } = createProject({ '1.mjs': creates('a') })
    await cli(['migrate', '--folder', folder], database.options)
    const other = createProject({ '2.mjs': creates('b') })
    const { code, stderr } = await cli(['migrate', '--folder', other.folder], database.options)
    expect(code).toBe(0)
    expect(stderr).toMatch(/^missing  1: in the history, but there is no file\n1 applied in /)
  })

  test('a failure exits 1, with the report on both outputs under --json', async () => {
    const database = await emptyDatabase('postgres')
    const { folder } = createProject({
      '1.mjs': `export const up = (builder) => builder.raw('NO')`,
    })
    const { code, stdout, stderr } = await cli(
      ['migrate', '--folder', folder, '--json'],
      database.options,
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/^FAASJS_PG_STATEMENT_FAILED  migration "1" failed/)
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 'FAASJS_PG_STATEMENT_FAILED',
        sql: 'NO\n^',
        details: { migration: '1', statement: 1, sqlState: '42601' },
      },
    })
  })

  test('down without a file exits 3', async () => {
    const database = await emptyDatabase('postgres')
    const { folder } = createProject({ '1.mjs': creates('a') })
    await cli(['migrate', '--folder', folder], database.options)
    const { code, stderr } = await cli(
      ['down', '--folder', createProject().folder],
      database.options,
    )
    expect(code).toBe(3)
    expect(stderr).toContain('FAASJS_PG_MISSING_FILE')
    expect(await tables(database)).toEqual(['a'])
  })
})

describe('sql', () => {
  test('takes the text as it is: ?, $1 and $$ are nothing special (U7)', async () => {
    const database = await emptyDatabase('postgres')
    const sql = `SELECT '{"a": 1}'::jsonb ? 'a' AS has, '$1 $$ ?' AS text`
    expect(await cli(['sql', sql], database.options)).toEqual({
      code: 0,
      stdout: '{"command":"SELECT","count":1,"rows":[{"has":true,"text":"$1 $$ ?"}]}\n',
      stderr: '',
    })
  })

  test('joins its arguments, and - reads standard input', async () => {
    const database = await emptyDatabase('postgres')
    expect(await cli(['sql', 'SELECT', '1', 'AS', 'n'], database.options)).toMatchObject({
      stdout: '{"command":"SELECT","count":1,"rows":[{"n":1}]}\n',
    })
    const options = { ...database.options, stdin: 'CREATE TABLE a ();\n' }
    expect(await cli(['sql', '-'], options)).toMatchObject({
      code: 0,
      stdout: '{"command":"CREATE","count":0,"rows":[]}\n',
    })
    expect(await tables(database)).toEqual(['a'])
  })

  test('prints bytes, 64-bit integers, numbers, times and documents', async () => {
    const database = await emptyDatabase('postgres')
    const sql = `SELECT '\\x00ff'::bytea AS b, 9007199254740993 AS i, 1.10 AS n, '2026-01-02T03:04:05Z'::timestamptz AS t, '{"a":[1]}'::jsonb AS j, NULL AS nothing`
    const { stdout } = await cli(['sql', sql], database.options)
    expect(JSON.parse(stdout)).toEqual({
      command: 'SELECT',
      count: 1,
      rows: [
        {
          b: '\\x00ff',
          i: '9007199254740993',
          n: '1.10',
          t: '2026-01-02T03:04:05.000Z',
          j: { a: [1] },
          nothing: null,
        },
      ],
    })
  })

  test('reports what PostgreSQL rejects, exit 1', async () => {
    const database = await emptyDatabase('postgres')
    const { code, stdout, stderr } = await cli(['sql', 'SELECT nope'], database.options)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('column "nope" does not exist (SQLSTATE 42703)')
    expect(stderr).toContain('SELECT nope\n              ^')
  })
})
