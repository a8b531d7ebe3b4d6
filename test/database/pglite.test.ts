import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { PGlite } from '@electric-sql/pglite'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import { ConfigError } from '../../src/errors.ts'
import { runChild, sourceUrl } from '../helpers/run-child.ts'
import type { Child } from '../helpers/run-child.ts'

// Filling a folder takes seconds, copying one does not.
let filled: string

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'fpg-filled-'))
  filled = join(root, 'data')
  const database = await openDatabase(`pglite:${filled}`)
  await database.run(['CREATE TABLE notes (text text)'])
  await database.close()
  return () => rm(root, { recursive: true })
})

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fpg-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function filledFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), 'data')
  await cp(filled, folder, { recursive: true })
  return folder
}

async function opened(url: string): Promise<Database> {
  const database = await openDatabase(url)
  onTestFinished(() => database.close())
  return database
}

async function refusal(url: string): Promise<ConfigError> {
  const error: unknown = await openDatabase(url).then(
    (database) => database.close(),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ConfigError)
  return error as ConfigError
}

async function notes(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ text: string }>('SELECT text FROM notes ORDER BY text')
  return rows.map(({ text }) => text)
}

/** A process that has a folder open until it is told to end, or killed. */
function holder(folder: string, after = 'setInterval(() => {}, 1000)'): Child {
  return runChild(
    `import { openDatabase } from ${JSON.stringify(sourceUrl('database/open.ts'))}
     try {
       const database = await openDatabase('pglite:' + process.env.FOLDER)
       await database.query("INSERT INTO notes VALUES ('of ' || $1)", [process.env.NOTE])
       console.log('open')
       ${after}
     } catch (error) {
       console.log(error.code)
     }`,
    { env: { FOLDER: folder, NOTE: String(Math.random()) } },
  )
}

describe('memory', () => {
  test('lives until it is closed', async () => {
    const database = await openDatabase('pglite://memory')
    expect(database.engine).toBe('pglite')
    expect(database.label).toBe('pglite://memory')
    expect(database.capabilities).toEqual({
      concurrentSessions: false,
      cancel: false,
      exceptions: {},
    })
    await database.run(['CREATE TABLE t (id int)', 'INSERT INTO t VALUES (1)'])
    expect((await database.query('SELECT id FROM t')).rows).toEqual([{ id: 1 }])
    // The smaller settings do not take anything away that migrations use.
    await database.run(['CREATE INDEX CONCURRENTLY ON t (id)', 'VACUUM FULL t'])
    await database.close()
  })
})

describe('folder', () => {
  test('keeps what was written, and creates what is missing above it', async () => {
    const root = await temporaryFolder()
    const url = `pglite:${join(root, 'a', 'b', 'dev')}`
    const first = await openDatabase(url)
    expect(first.label).toBe(url)
    await first.run(['CREATE TABLE t (id int)', 'INSERT INTO t VALUES (1)'])
    await first.close()
    expect(await readdir(join(root, 'a', 'b'))).toEqual(['dev'])
    const second = await opened(url)
    expect((await second.query('SELECT id FROM t')).rows).toEqual([{ id: 1 }])
  })

  test('with other files in it is refused and left alone', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'index.ts'), '')
    const error = await refusal(`pglite:${folder}`)
    expect(error).toMatchObject({
      code: 'FAASJS_PG_BAD_URL',
      why: expect.stringContaining('holds other files ("index.ts")') as string,
      fix: 'DATABASE_URL=pglite:./.data/dev',
    })
    expect(await readdir(folder)).toEqual(['index.ts'])
    expect(existsSync(`${folder}.lock`)).toBe(false)
  })

  test('that is a file, or cannot be created', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    for (const path of [file, join(file, 'below')]) {
      expect(await refusal(`pglite:${path}`)).toMatchObject({
        code: 'FAASJS_PG_CONNECTION_FAILED',
        summary: `cannot open pglite:${path}`,
      })
    }
  })

  test('of another version of PostgreSQL', async () => {
    const folder = await filledFolder()
    await writeFile(join(folder, 'PG_VERSION'), '12\n')
    const error = await refusal(`pglite:${folder}`)
    expect(error).toMatchObject({ code: 'FAASJS_PG_CONNECTION_FAILED' })
    expect(error.fix).toContain(`rm -r "${folder}"`)
    expect(existsSync(`${folder}.lock`)).toBe(false)
  })
})

describe('lock', () => {
  test('a second process is refused and told who has the folder', async () => {
    const folder = await filledFolder()
    const child = holder(folder)
    expect(await child.line()).toBe('open')
    const error = await refusal(`pglite:${folder}`)
    expect(error.message).toBe(
      [
        `FAASJS_PG_DATA_DIRECTORY_IN_USE  "${folder}" is open in process ${child.pid}`,
        '  why  PGlite serves one process at a time: rows written by a second one would be lost',
        `  fix  stop process ${child.pid}, or use a folder of your own: DATABASE_URL=pglite:./.data/other`,
      ].join('\n'),
    )
    expect(error.details).toEqual({
      folder,
      lockFile: `${folder}.lock`,
      pid: child.pid,
      host: hostname(),
    })
    child.kill('SIGTERM')
    await child.ended()
    expect(await notes(await opened(`pglite:${folder}`))).toHaveLength(1)
  })

  test('the lock of a killed process is taken over, and its commits are there', async () => {
    const folder = await filledFolder()
    const child = holder(folder)
    expect(await child.line()).toBe('open')
    child.kill('SIGKILL')
    await child.ended()
    expect(existsSync(`${folder}.lock`)).toBe(true)
    const database = await openDatabase(`pglite:${folder}`)
    expect(await notes(database)).toHaveLength(1)
    await database.close()
    expect(await readdir(dirname(folder))).toEqual(['data'])
  })

  test('the same process cannot open it twice, by whatever path', async () => {
    const folder = await filledFolder()
    const link = `${folder}-link`
    await symlink(folder, link)
    const database = await openDatabase(`pglite:${folder}`)
    for (const path of [folder, `${folder}/`, link]) {
      const error = await refusal(`pglite:${path}`)
      expect(error).toMatchObject({
        code: 'FAASJS_PG_DATA_DIRECTORY_IN_USE',
        summary: `this process has "${folder}" open already`,
      })
    }
    await database.close()
    await opened(`pglite:${link}`)
  })

  test('is gone after close, and after an exit without close', async () => {
    const folder = await filledFolder()
    const database = await openDatabase(`pglite:${folder}`)
    expect(existsSync(`${folder}.lock`)).toBe(true)
    await database.close()
    expect(existsSync(`${folder}.lock`)).toBe(false)
    const child = holder(folder, 'process.exit()')
    expect(await child.line()).toBe('open')
    await child.ended()
    expect(existsSync(`${folder}.lock`)).toBe(false)
  })

  test('close leaves nothing that keeps the process alive', async () => {
    const child = holder(await filledFolder(), 'await database.close()')
    expect(await child.line()).toBe('open')
    expect(await child.ended()).toEqual({ code: 0, signal: null, stderr: '' })
  })

  test('a process id that now belongs to another process does not block', async () => {
    const folder = await filledFolder()
    const other = { pid: process.ppid, host: hostname(), started: 'long ago', isFilling: false }
    await writeFile(`${folder}.lock`, JSON.stringify(other))
    await opened(`pglite:${folder}`)
    expect(JSON.parse(readFileSync(`${folder}.lock`, 'utf8'))).toMatchObject({ pid: process.pid })
  })

  test('a process on another machine is believed to live', async () => {
    const folder = await filledFolder()
    const lock = JSON.stringify({ pid: 1, host: 'elsewhere', isFilling: false })
    await writeFile(`${folder}.lock`, lock)
    const error = await refusal(`pglite:${folder}`)
    expect(error.summary).toBe(`"${folder}" is open in process 1 on "elsewhere"`)
    expect(error.fix).toContain(`rm "${folder}.lock"`)
    expect(readFileSync(`${folder}.lock`, 'utf8')).toBe(lock)
  })

  test('a lock file that was never written to the end is replaced after a while', async () => {
    const folder = await filledFolder()
    await writeFile(`${folder}.lock`, '')
    const past = new Date(Date.now() - 60_000)
    await utimes(`${folder}.lock`, past, past)
    await opened(`pglite:${folder}`)
  })

  test('a takeover that was never finished does not block', async () => {
    const folder = await filledFolder()
    await writeFile(`${folder}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }))
    await mkdir(`${folder}.lock.takeover`)
    const past = new Date(Date.now() - 60_000)
    await utimes(`${folder}.lock.takeover`, past, past)
    await opened(`pglite:${folder}`)
  })

  test('of several processes after a stale lock exactly one wins', async () => {
    const folder = await filledFolder()
    await writeFile(`${folder}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }))
    const children = Array.from({ length: 4 }, () => holder(folder))
    const answers = await Promise.all(children.map((child) => child.line()))
    const refused = answers.filter((answer) => answer === 'FAASJS_PG_DATA_DIRECTORY_IN_USE')
    expect(refused).toHaveLength(3)
    expect(answers).toContain('open')
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map((child) => child.ended()))
    expect(await notes(await opened(`pglite:${folder}`))).toHaveLength(1)
  })

  test('half a database, left by a process that died while filling the folder, is made anew', async () => {
    const folder = join(await temporaryFolder(), 'data')
    await mkdir(join(folder, 'base'), { recursive: true })
    await writeFile(join(folder, 'PG_VERSION'), '18\n')
    const died = { pid: 2 ** 22 + 1, host: hostname(), isFilling: true }
    await writeFile(`${folder}.lock`, JSON.stringify(died))
    const database = await opened(`pglite:${folder}`)
    expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    expect(JSON.parse(readFileSync(`${folder}.lock`, 'utf8'))).toMatchObject({ isFilling: false })
  })
})

describe('an instance', () => {
  test('stays open, and is shared in turn by all databases opened on it', async () => {
    const instance = new PGlite()
    onTestFinished(() => instance.close())
    const databases = await Promise.all([openDatabase(instance), openDatabase(instance)])
    const order: string[] = []
    await Promise.all(
      databases.map((database, index) =>
        database.transaction(async (transaction) => {
          order.push(`begin ${index}`)
          await transaction.query('SELECT 1')
          order.push(`end ${index}`)
        }),
      ),
    )
    expect(order).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1'])
    for (const database of databases) await database.close()
    expect((await instance.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })

  test('its own users wait for a transaction', async () => {
    const instance = await PGlite.create()
    onTestFinished(() => instance.close())
    const database = await openDatabase(instance)
    await database.run(['CREATE TABLE t (id int)'])
    const counted = vi.fn<(count: unknown) => void>()
    let waiting: Promise<void> | undefined
    await database.transaction(async (transaction) => {
      await transaction.query('INSERT INTO t VALUES (1)')
      waiting = instance.query('SELECT count(*) FROM t').then(({ rows }) => counted(rows[0]))
      await transaction.query('INSERT INTO t VALUES (2)')
      expect(counted).not.toHaveBeenCalled()
    })
    await waiting
    expect(counted).toHaveBeenCalledWith({ count: 2 })
  })
})

test('without the package, the error has the command that installs it', async () => {
  // A copy of the sources where nothing but pg can be found.
  const root = await temporaryFolder()
  const source = fileURLToPath(new URL('../../src', import.meta.url))
  for (const folder of ['database', 'lexer']) {
    await cp(join(source, folder), join(root, 'src', folder), { recursive: true })
  }
  await cp(join(source, 'errors.ts'), join(root, 'src', 'errors.ts'))
  const url = pathToFileURL(join(root, 'src', 'database', 'open.ts')).href
  const child = runChild(
    `import { openDatabase } from ${JSON.stringify(url)}
     await openDatabase('pglite://memory').catch((error) => console.log(JSON.stringify(error)))`,
    { cwd: root },
  )
  expect(JSON.parse((await child.line()) ?? '')).toMatchObject({
    code: 'FAASJS_PG_MISSING_PEER',
    what: 'the embedded database needs the package "@electric-sql/pglite"',
    fix: 'npm install --save-dev @electric-sql/pglite',
  })
  await child.ended()
})
