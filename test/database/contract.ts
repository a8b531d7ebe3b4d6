import { describe, expect, onTestFinished, test } from 'vitest'

import { StatementFailure } from '../../src/database/database.ts'
import type {
  Capabilities,
  Database,
  Executor,
  Feature,
  Session,
} from '../../src/database/database.ts'
import { deferred } from '../../src/database/deferred.ts'
import { StatementError } from '../../src/errors.ts'

/** What the suite runs on: a database without tables of its own, which it may leave behind dirty. */
export type OpenDatabase = () => Promise<Database>

type Value = readonly [type: string, text: string, expected: unknown]

interface Failing {
  readonly kind: string
  readonly sql: string
  readonly position: number | undefined
  readonly code: string
  readonly needs?: Feature
}

/** Of an engine that is not PostgreSQL itself. */
export interface Emulation {
  readonly exceptions: Capabilities['exceptions']
  /** What it has refused since it was asked last. */
  refusals(): readonly string[]
}

const POSTGRESQL: Emulation = { exceptions: {}, refusals: () => [] }

/**
 * The promises of `src/database/database.ts`, kept by every engine. What an engine declares as an exception it must
 * refuse: a test says so in its title, with the reason.
 */
export function testDatabase(name: string, open: OpenDatabase, emulation = POSTGRESQL): void {
  const { exceptions } = emulation
  const met = new Set<Feature>()
  /** A promise that needs a part of PostgreSQL which an engine may lack. */
  const needing = (
    feature: Feature | undefined,
    title: string,
    body: () => Promise<void>,
  ): void => {
    const reason = feature && exceptions[feature]
    const isRefused = async (): Promise<void> => {
      emulation.refusals()
      expect(await rejection(body())).toBeDefined()
      expect(emulation.refusals()).not.toEqual([])
      if (feature) met.add(feature)
    }
    const remark = reason === undefined ? '' : `: an exception, ${reason}`
    test(`${title}${remark}`, reason === undefined ? body : isRefused)
  }
  /** Where an error is told, by an engine that knows. */
  const at = <T>(position: T): T | undefined => {
    if (exceptions.errorPositions === undefined) return position
    met.add('errorPositions')
    return undefined
  }
  const opened = async (): Promise<Database> => {
    const database = await open()
    onTestFinished(() => database.close())
    return database
  }
  const takeSession = async (): Promise<Session> => {
    const session = await (await opened()).session()
    onTestFinished(() => session.release())
    return session
  }

  test(`${name}: declares its exceptions`, async () => {
    expect((await opened()).capabilities.exceptions).toEqual(exceptions)
  })

  describe(`${name}: query`, () => {
    test('returns rows, row count and command', async () => {
      const database = await opened()
      expect(await database.query('SELECT 1 AS a, NULL AS b')).toEqual({
        rows: [{ a: 1, b: null }],
        rowCount: 1,
        command: 'SELECT',
      })
      expect(await database.query('CREATE TABLE counted (id int)')).toEqual({
        rows: [],
        rowCount: 0,
        command: 'CREATE',
      })
      const insert = 'INSERT INTO counted VALUES (1), (2), (3)'
      expect(await database.query(insert)).toEqual({ rows: [], rowCount: 3, command: 'INSERT' })
      const update = await database.query('UPDATE counted SET id = id + $1 WHERE id > $2', [10, 1])
      expect(update).toEqual({ rows: [], rowCount: 2, command: 'UPDATE' })
      const returned = await database.query('DELETE FROM counted WHERE id = 1 RETURNING id')
      expect(returned).toEqual({ rows: [{ id: 1 }], rowCount: 1, command: 'DELETE' })
    })

    needing('syntax', 'leaves ?, $1 and $$ alone when there are no parameters', async () => {
      const database = await opened()
      const { rows } = await database.query(
        `SELECT '{"a":1}'::jsonb ? 'a' AS has, $$it's ? $1$$ AS text, '$1' AS dollar`,
      )
      expect(rows).toEqual([{ has: true, text: "it's ? $1", dollar: '$1' }])
    })

    test('takes parameters', async () => {
      const database = await opened()
      const { rows } = await database.query('SELECT $1::int + $2::int AS sum, $3::text AS text', [
        1,
        2,
        "'; DROP TABLE x; --",
      ])
      expect(rows).toEqual([{ sum: 3, text: "'; DROP TABLE x; --" }])
    })

    test('an empty list of parameters still makes it one statement', async () => {
      const database = await opened()
      await expect(database.query('SELECT 1; SELECT 2', [])).rejects.toMatchObject({
        code: '42601',
      })
    })

    test('runs several statements and returns the result of the last', async () => {
      const database = await opened()
      const { rows } = await database.query('SELECT 1 AS a; SELECT 2 AS b; SELECT 3 AS c;')
      expect(rows).toEqual([{ c: 3 }])
      expect(await database.query('SELECT 1; CREATE TABLE several (id int)')).toEqual({
        rows: [],
        rowCount: 0,
        command: 'CREATE',
      })
    })

    test('several statements are one transaction', async () => {
      const database = await opened()
      await expect(database.query('CREATE TABLE half (id int); SELECT 1/0')).rejects.toThrow('zero')
      expect(await exists(database, 'half')).toBe(false)
    })

    test.each(['', ' ', ';', '-- nothing'])('does nothing for %j', async (sql) => {
      const database = await opened()
      expect(await database.query(sql)).toEqual({ rows: [], rowCount: 0, command: '' })
    })

    test('rejects with SQLSTATE, detail, hint and position', async () => {
      const database = await opened()
      await database.run([
        'CREATE TABLE keyed (id int PRIMARY KEY)',
        'INSERT INTO keyed VALUES (1)',
      ])
      await expect(database.query('INSERT INTO keyed VALUES (1)')).rejects.toMatchObject({
        code: '23505',
        detail: 'Key (id)=(1) already exists.',
        constraint: 'keyed_pkey',
        table: 'keyed',
      })
      await expect(database.query('SELECT idd FROM keyed')).rejects.toMatchObject({
        code: '42703',
        ...at({ hint: expect.stringContaining('keyed.id') as string, position: '8' }),
      })
      await expect(database.query('SELECT $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' })
    })

    test('refuses parameters that are no values', async () => {
      const database = await opened()
      for (const value of [() => 1, Symbol('x')]) {
        expect(await rejection(database.query('SELECT $1', [value]))).toMatchObject({
          code: 'FAASJS_PG_BAD_OPTION',
        })
      }
    })

    test('goes on after an error', async () => {
      const session = await takeSession()
      for (const params of [undefined, [1]]) {
        await expect(session.query('SELECT nonsense', params)).rejects.toThrow('nonsense')
        expect((await session.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
      }
    })

    test('answers in order when nobody waits', async () => {
      const session = await takeSession()
      const results = await Promise.all(
        [1, 2, 3].map((n) => session.query<{ n: number }>('SELECT $1::int AS n', [n])),
      )
      expect(results.map(({ rows }) => rows[0]?.n)).toEqual([1, 2, 3])
    })
  })

  describe(`${name}: values`, () => {
    const readsAndSends = async (type: string, text: string, expected: unknown): Promise<void> => {
      const database = await opened()
      const read = await database.query(`SELECT '${text.replaceAll("'", "''")}'::${type} AS value`)
      expect(read.rows).toEqual([{ value: expected }])
      // What was read can be sent back, except that JSON needs to be JSON, and a point in time is cut.
      const sent = expected !== null && /^jsonb?$/.test(type) ? JSON.stringify(expected) : expected
      const written = await database.query(`SELECT $1::${type} AS value`, [sent])
      expect(written.rows).toEqual([{ value: expected }])
    }
    const common: readonly Value[] = [
      ['boolean', 'true', true],
      ['smallint', '-5', -5],
      ['integer', '2147483647', 2147483647],
      ['bigint', '1', '1'],
      ['text', 'é"\\', 'é"\\'],
      ['varchar', 'a', 'a'],
      ['uuid', '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000001'],
      ['json', '{"a":[1,null]}', { a: [1, null] }],
      ['jsonb', '"text"', 'text'],
      ['date', '2026-01-02', '2026-01-02'],
      ['timestamp', '2026-01-02 03:04:05', '2026-01-02 03:04:05'],
      ['integer[]', '{1,NULL,3}', [1, null, 3]],
      ['integer[]', '{}', []],
      ['text[]', '{a,"b c","d\\"e","f\\\\g","NULL",NULL,"",","}', ['a', 'b c', 'd"e', 'f\\g', 'NULL', null, '', ',']], // prettier-ignore
      ['boolean[]', '{t,f}', [true, false]],
    ]
    test.each(common)('%s %s', readsAndSends)

    // Or values of them.
    const rare: readonly Value[] = [
      ['oid', '4294967295', 4294967295],
      ['bigint', '9007199254740993', '9007199254740993'],
      ['numeric', '1.10', '1.10'],
      ['real', '1.5', 1.5],
      ['double precision', 'Infinity', Infinity],
      ['char(3)', 'a', 'a  '],
      ['name', 'a', 'a'],
      ['jsonb', 'null', null],
      ['bytea', '\\x00ff', Buffer.from([0, 255])],
      ['time', '03:04:05.678', '03:04:05.678'],
      ['timestamptz', '2026-01-02 03:04:05.678912+02', new Date('2026-01-02T01:04:05.678Z')],
      ['timestamptz', '0001-02-03 00:00:00+00', new Date('0001-02-03T00:00:00Z')],
      ['timestamptz', '0044-03-15 00:00:00+00 BC', new Date('-000043-03-15T00:00:00Z')],
      ['timestamptz', '12026-01-02 00:00:00+00', new Date('+012026-01-02T00:00:00Z')],
      ['timestamptz', 'infinity', Infinity],
      ['timestamptz', '-infinity', -Infinity],
      ['interval', '1 day 2 hours', '1 day 02:00:00'],
      ['inet', '10.0.0.1', '10.0.0.1'],
      ['point', '(1,2)', '(1,2)'],
      ['int4range', '[1,3)', '[1,3)'],
      ['integer[][]', '{{1,2},{3,4}}', [[1, 2], [3, 4]]], // prettier-ignore
      ['integer[]', '[0:1]={7,8}', [7, 8]],
      ['bigint[]', '{1}', ['1']],
      ['name[]', '{a,b}', ['a', 'b']],
      ['jsonb[]', '{"{\\"a\\": 1}"}', [{ a: 1 }]],
      ['timestamptz[]', '{"2026-01-02 00:00:00+00"}', [new Date('2026-01-02T00:00:00Z')]],
      ['date[]', '{2026-01-02}', ['2026-01-02']],
      ['bytea[]', '{"\\\\x01"}', [Buffer.from([1])]],
    ]
    for (const [type, text, expected] of rare) {
      needing('types', `${type} ${text}`, () => readsAndSends(type, text, expected))
    }

    needing('settings', 'time zones and date styles of the session do not matter', async () => {
      const session = await takeSession()
      const instant = new Date('1880-01-01T00:00:00Z')
      for (const setting of [
        `TIME ZONE 'America/St_Johns'`,
        `TIME ZONE 'Europe/Amsterdam'`,
        `TIME ZONE 'Asia/Kolkata'`,
      ]) {
        await session.query(`SET ${setting}`)
        const { rows } = await session.query('SELECT $1::timestamptz AS at', [instant])
        expect(rows, setting).toEqual([{ at: instant }])
      }
      await session.query(`SET DateStyle = 'German'`)
      const { rows } = await session.query('SELECT $1::timestamptz AS at', [instant])
      expect(rows[0]?.['at']).toBeTypeOf('string')
    })

    needing('types', 'types of the database itself stay text', async () => {
      const database = await opened()
      await database.run([`CREATE TYPE mood AS ENUM ('sad', 'glad')`])
      const { rows } = await database.query(`SELECT 'sad'::mood AS one, '{sad}'::mood[] AS many`)
      expect(rows).toEqual([{ one: 'sad', many: '{sad}' }])
    })

    needing(
      'types',
      'objects become JSON, arrays become arrays, undefined becomes NULL',
      async () => {
        const database = await opened()
        const { rows } = await database.query(
          'SELECT $1::jsonb AS object, $2::text[] AS list, $3::text AS none, $4::numeric AS big, $5::int[] AS nested',
          [
            { a: "it's" },
            ['a"b', 'c\\d', null, '{}', 'é'],
            undefined,
            12345678901234567890n,
            [[1], [2]],
          ],
        )
        expect(rows).toEqual([
          {
            object: { a: "it's" },
            list: ['a"b', 'c\\d', null, '{}', 'é'],
            none: null,
            big: '12345678901234567890',
            nested: [[1], [2]],
          },
        ])
      },
    )
  })

  describe(`${name}: run`, () => {
    const good = ['CREATE TABLE r (id int PRIMARY KEY)', 'INSERT INTO r VALUES (1)', 'SELECT 1']
    const bad: readonly Failing[] = [
      { kind: 'syntax', sql: 'CREATE TABEL x ()', position: 8, code: '42601', needs: 'syntax' },
      { kind: 'analysis', sql: 'SELECT "ünï", nope', position: 8, code: '42703' },
      { kind: 'runtime', sql: 'INSERT INTO r VALUES (1)', position: undefined, code: '23505' },
      {
        kind: 'plpgsql',
        sql: 'DO $$ BEGIN PERFORM 1/0; END $$',
        position: undefined,
        code: '22012',
        needs: 'proceduralCode',
      },
      {
        kind: 'unclosed',
        sql: 'CREATE TABLE broken (',
        position: 22,
        code: '42601',
        needs: 'syntax',
      },
      { kind: 'open quote', sql: `SELECT 'it`, position: 8, code: '42601', needs: 'syntax' },
      { kind: 'several', sql: `SELECT 1;\nSELECT nope`, position: 18, code: '42703' },
      { kind: 'with comment', sql: `SELECT nope -- ;`, position: 8, code: '42703' },
    ]
    const prefixes = [
      good,
      [...good, `INSERT INTO r VALUES (2); -- 'quote`, `SELECT '💥;' -- emoji`],
      [
        ...good,
        `DO $x$ BEGIN NULL; END $x$`,
        'INSERT INTO r VALUES (3); INSERT INTO r VALUES (4)',
        '',
      ],
    ]
    const cases = bad.flatMap((statement) =>
      prefixes.map((before, number) => ({ ...statement, before, number })),
    )

    for (const { before, sql, position, code, kind, number, needs } of cases) {
      // The last list has a DO in it.
      const feature = number === 2 ? 'proceduralCode' : needs
      const title = `${kind}, list ${number}: names the failing statement`
      const body = async (): Promise<void> => {
        const list = [...before, sql, 'CREATE TABLE after_failure (id int)']
        const check = async (work: (list: string[]) => Promise<void>): Promise<void> => {
          const failure = await rejection(work(list))
          expect(failure).toBeInstanceOf(StatementFailure)
          expect(failure).toMatchObject({
            index: before.length,
            position: at(position),
            cause: { code },
          })
        }
        const database = await opened()
        await check((statements) =>
          database.transaction((transaction) => transaction.run(statements)),
        )
        expect(await exists(database, 'r')).toBe(false)
        await check((statements) => database.run(statements))
        expect(await exists(database, 'r')).toBe(true)
        expect(await exists(database, 'after_failure')).toBe(false)
      }
      needing(feature, title, body)
    }

    test('the first and the last statement can fail, too', async () => {
      const database = await opened()
      for (const index of [0, 1, 2]) {
        const list = ['SELECT 1', 'SELECT 1', 'SELECT 1'].with(index, 'SELECT 1/0')
        const inTransaction = database.transaction((transaction) => transaction.run(list))
        expect(await rejection(inTransaction)).toMatchObject({ index })
        expect(await rejection(database.run(list))).toMatchObject({ index })
      }
    })

    needing('syntax', 'says "end of input" of a statement that lacks its end', async () => {
      const database = await opened()
      const list = ['CREATE TABLE t (', 'SELECT 1']
      for (const run of [
        () => database.run(list),
        () => database.transaction((transaction) => transaction.run(list)),
      ]) {
        expect(await rejection(run())).toMatchObject({
          index: 0,
          position: 17,
          message: 'syntax error at end of input',
        })
      }
    })

    test('outside of a transaction each statement takes effect on its own', async () => {
      const database = await opened()
      await database.run(['CREATE TABLE alone (id int)', 'CREATE INDEX CONCURRENTLY ON alone (id)'])
      await rejection(database.run(['INSERT INTO alone VALUES (1)', 'SELECT 1/0']))
      expect((await database.query('SELECT id FROM alone')).rows).toEqual([{ id: 1 }])
    })

    needing('syntax', 'the list may begin and end transactions', async () => {
      const session = await takeSession()
      const list = [
        'BEGIN',
        'CREATE TABLE first_part (id int)',
        'COMMIT',
        'begin; -- second',
        'SAVEPOINT s',
        'CREATE TABLE dropped_part (id int)',
        'ROLLBACK TO SAVEPOINT s',
        'COMMIT AND CHAIN',
        'CREATE TABLE third_part (id int)',
        'END',
        'CREATE INDEX CONCURRENTLY ON first_part (id)',
        'START TRANSACTION',
        'CREATE TABLE last_part (id int)',
        'SELECT 1/0',
        'COMMIT',
      ]
      expect(await rejection(session.run(list))).toMatchObject({ index: 13 })
      expect(session.transactionStatus()).toBe('failed')
      await session.query('ROLLBACK')
      for (const part of ['first', 'dropped', 'third', 'last']) {
        const expected = part === 'first' || part === 'third'
        expect(await exists(session, `${part}_part`), part).toBe(expected)
      }
    })

    test('no statements, and nothing in them', async () => {
      const database = await opened()
      await database.run([])
      await database.run(['', ' ', '-- nothing', ';', 'SELECT 1;'])
      await database.transaction((transaction) => transaction.run(['', 'SELECT 1', '/* ; */']))
    })

    test('COPY FROM STDIN fails instead of waiting', async () => {
      const database = await opened()
      await database.run(['CREATE TABLE copied (id int)'])
      expect(await rejection(database.run(['SELECT 1', 'COPY copied FROM STDIN']))).toMatchObject({
        index: 1,
      })
      expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    })

    needing('proceduralCode', 'notices are not printed', async () => {
      const printed: string[] = []
      for (const method of ['log', 'warn', 'error', 'info', 'debug'] as const) {
        const original = console[method]
        console[method] = (...args: unknown[]) => void printed.push(args.join(' '))
        onTestFinished(() => {
          console[method] = original
        })
      }
      const database = await opened()
      await database.run([
        `DO $$ BEGIN RAISE WARNING 'careful'; END $$`,
        'DROP TABLE IF EXISTS nope',
      ])
      expect(printed).toEqual([])
    })
  })

  describe(`${name}: transaction`, () => {
    test('commits, and returns what the work returns', async () => {
      const database = await opened()
      const value = await database.transaction(async (transaction) => {
        await transaction.query('CREATE TABLE kept (id int)')
        return 42
      })
      expect(value).toBe(42)
      expect(await exists(database, 'kept')).toBe(true)
    })

    test('rolls back and rethrows what the work throws', async () => {
      const database = await opened()
      const error = new Error('mine')
      const failing = database.transaction(async (transaction) => {
        await transaction.run(['CREATE TABLE undone (id int)'])
        throw error
      })
      expect(await rejection(failing)).toBe(error)
      expect(await exists(database, 'undone')).toBe(false)
    })

    test('rolls back when a statement fails', async () => {
      const database = await opened()
      const failing = database.transaction(async (transaction) => {
        await transaction.query('CREATE TABLE undone (id int)')
        await transaction.query('SELECT 1/0')
      })
      expect(await rejection(failing)).toMatchObject({ code: '22012' })
      expect(await exists(database, 'undone')).toBe(false)
    })

    test('an error that is caught and dropped does not pass for success', async () => {
      const database = await opened()
      const failing = database.transaction(async (transaction) => {
        await transaction.query('CREATE TABLE undone (id int)')
        await rejection(transaction.query('SELECT 1/0'))
      })
      const error = await rejection(failing)
      expect(error).toBeInstanceOf(StatementError)
      expect(error).toMatchObject({ code: 'FAASJS_PG_TRANSACTION_ENDED' })
      expect(await exists(database, 'undone')).toBe(false)
    })

    test('a savepoint makes a failure good again', async () => {
      const database = await opened()
      await database.transaction(async (transaction) => {
        await transaction.run(['CREATE TABLE kept (id int)', 'SAVEPOINT s'])
        await rejection(transaction.query('SELECT 1/0'))
        await transaction.query('ROLLBACK TO SAVEPOINT s')
      })
      expect(await exists(database, 'kept')).toBe(true)
    })

    needing('deferrableConstraints', 'a deferred constraint fails the commit', async () => {
      const database = await opened()
      await database.run([
        'CREATE TABLE parent (id int PRIMARY KEY)',
        'CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)',
      ])
      const failing = database.transaction((transaction) =>
        transaction.run(['INSERT INTO child VALUES (1)']),
      )
      expect(await rejection(failing)).toMatchObject({ code: '23503' })
      expect((await database.query('SELECT * FROM child')).rows).toEqual([])
    })

    test.each(['COMMIT', 'ROLLBACK', 'SELECT 1; COMMIT'])('notices %s inside', async (sql) => {
      const database = await opened()
      const failing = database.transaction((transaction) => transaction.run(['SELECT 1', sql]))
      expect(await rejection(failing)).toMatchObject({ code: 'FAASJS_PG_TRANSACTION_ENDED' })
      // And the session is fit for use.
      expect(await database.transaction(async () => 'next')).toBe('next')
    })

    test('refuses to be used after its end', async () => {
      const database = await opened()
      let leaked: Executor | undefined
      await database.transaction(async (transaction) => {
        leaked = transaction
      })
      const ended = { code: 'FAASJS_PG_TRANSACTION_ENDED' }
      expect(await rejection(leaked?.query('SELECT 1'))).toMatchObject(ended)
      expect(await rejection(leaked?.run(['SELECT 1']))).toMatchObject(ended)
    })

    test('is refused inside another one', async () => {
      const session = await takeSession()
      const open = { code: 'FAASJS_PG_TRANSACTION_OPEN' }
      await session.transaction(async (transaction) => {
        expect(await rejection(session.transaction(async () => undefined))).toMatchObject(open)
        await transaction.query('CREATE TABLE outer_one (id int)')
      })
      expect(await exists(session, 'outer_one')).toBe(true)
      await session.query('BEGIN')
      expect(await rejection(session.transaction(async () => undefined))).toMatchObject(open)
      await session.query('ROLLBACK')
      const [first, second] = await Promise.allSettled([
        session.transaction((transaction) => transaction.query('SELECT 1 AS one')),
        session.transaction((transaction) => transaction.query('SELECT 2 AS two')),
      ])
      expect(first).toMatchObject({ value: { rows: [{ one: 1 }] } })
      expect(second).toMatchObject({ reason: open })
    })

    test('the database itself is not the transaction', async () => {
      const database = await opened()
      const inside = database.transaction(() => database.query('SELECT 1 AS one'))
      if (database.capabilities.concurrentSessions) {
        expect((await inside).rows).toEqual([{ one: 1 }])
      } else {
        expect(await rejection(inside)).toMatchObject({ code: 'FAASJS_PG_ENGINE_CAPABILITY' })
      }
      expect((await database.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }])
    })

    test('two at a time keep apart', async () => {
      const database = await opened()
      await database.run(['CREATE TABLE counter (n int)', 'INSERT INTO counter VALUES (0)'])
      const increment = (): Promise<void> =>
        database.transaction(async (transaction) => {
          const { rows } = await transaction.query<{ n: number }>(
            'SELECT n FROM counter FOR UPDATE',
          )
          await transaction.query('UPDATE counter SET n = $1', [(rows[0]?.n ?? 0) + 1])
        })
      await Promise.all(Array.from({ length: 6 }, increment))
      expect((await database.query('SELECT n FROM counter')).rows).toEqual([{ n: 6 }])
    })
  })

  describe(`${name}: session`, () => {
    needing('temporaryTables', 'is one session of the server', async () => {
      const session = await takeSession()
      await session.query(`SET application_name = 'pinned'`)
      await session.run(['CREATE TEMP TABLE mine (id int)'])
      await session.transaction((transaction) => transaction.run(['INSERT INTO mine VALUES (1)']))
      const { rows } = await session.query(
        `SELECT current_setting('application_name') AS name, (SELECT count(*) FROM mine) AS count`,
      )
      expect(rows).toEqual([{ name: 'pinned', count: '1' }])
    })

    test('tells the transaction status', async () => {
      const session = await takeSession()
      expect(session.transactionStatus()).toBe('idle')
      await session.query('BEGIN')
      expect(session.transactionStatus()).toBe('transaction')
      await rejection(session.query('SELECT 1/0'))
      expect(session.transactionStatus()).toBe('failed')
      await rejection(session.run(['SELECT 1']))
      expect(session.transactionStatus()).toBe('failed')
      await session.query('ROLLBACK')
      expect(session.transactionStatus()).toBe('idle')
      await rejection(session.run(['SELECT 1', 'SELECT 1/0']))
      expect(session.transactionStatus()).toBe('idle')
      await session.transaction(async () => {
        expect(session.transactionStatus()).toBe('transaction')
        await rejection(session.run(['SELECT 1/0']))
        expect(session.transactionStatus()).toBe('failed')
        await session.run(['ROLLBACK', 'BEGIN'])
        expect(session.transactionStatus()).toBe('transaction')
      })
      expect(session.transactionStatus()).toBe('idle')
    })

    needing(
      'systemFunctions',
      'announces the process id of its backend, if it has one',
      async () => {
        const session = await takeSession()
        const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
        if (session.announcedPid !== undefined) expect(session.announcedPid).toBe(rows[0]?.pid)
      },
    )

    test('release rolls back what is open, and may be called twice', async () => {
      const database = await opened()
      const session = await database.session()
      await session.run(['BEGIN', 'CREATE TABLE undone (id int)'])
      await Promise.all([session.release(), session.release()])
      await session.release()
      expect(await exists(database, 'undone')).toBe(false)
      for (const use of [
        () => session.query('SELECT 1'),
        () => session.run(['SELECT 1']),
        () => session.transaction(async () => undefined),
      ]) {
        expect(await rejection(use())).toMatchObject({ code: 'FAASJS_PG_NO_DATABASE' })
      }
    })

    needing('systemFunctions', 'a second one works beside the first, or waits for it', async () => {
      const database = await opened()
      const first = await database.session()
      const second = database.session()
      const winner = await Promise.race([
        second.then(() => 'second'),
        first.query('SELECT pg_sleep(0.2)').then(() => 'first'),
      ])
      expect(winner).toBe(database.capabilities.concurrentSessions ? 'second' : 'first')
      await first.release()
      const session = await second
      expect((await session.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
      await session.release()
    })

    needing(
      'systemFunctions',
      'cancel stops the running statement where the engine can',
      async () => {
        const database = await opened()
        const session = await database.session()
        // With nothing to cancel it does nothing.
        await session.cancel()
        const seconds = database.capabilities.cancel ? 60 : 0
        const sleeping = rejection(session.query(`SELECT pg_sleep(${seconds})`))
        await session.cancel()
        if (database.capabilities.cancel) expect(await sleeping).toMatchObject({ code: '57014' })
        else expect(await sleeping).toBe(undefined)
        expect((await session.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
        await session.release()
      },
    )
  })

  describe(`${name}: close`, () => {
    test('may be called twice; nothing works afterwards', async () => {
      const database = await open()
      await Promise.all([database.close(), database.close()])
      await database.close()
      for (const use of [
        () => database.query('SELECT 1'),
        () => database.run(['SELECT 1']),
        () => database.transaction(async () => undefined),
        () => database.session(),
      ]) {
        expect(await rejection(use())).toMatchObject({ code: 'FAASJS_PG_NO_DATABASE' })
      }
    })

    test('takes back sessions that were not released', async () => {
      const database = await open()
      const session = await database.session()
      await session.query('BEGIN')
      await database.close()
      expect(await rejection(session.query('SELECT 1'))).toMatchObject({
        code: 'FAASJS_PG_NO_DATABASE',
      })
      await session.release()
    })

    test('in the middle of a transaction rolls it back', async () => {
      const database = await open()
      const begun = deferred()
      const closed = deferred()
      const running = rejection(
        database.transaction(async (transaction) => {
          await transaction.query('CREATE TABLE undone (id int)')
          begun.resolve()
          await closed.promise
          await transaction.query('SELECT 1')
        }),
      )
      await begun.promise
      const closing = database.close()
      closed.resolve()
      expect(await running).toMatchObject({ code: 'FAASJS_PG_NO_DATABASE' })
      await closing
    })
  })

  test(`${name}: every exception was met`, () => {
    expect([...met].toSorted()).toEqual(Object.keys(exceptions).toSorted())
  })
}

async function exists(executor: Executor, table: string): Promise<boolean> {
  const error = await rejection(executor.query(`SELECT * FROM ${table}`))
  if (error !== undefined) expect(error).toMatchObject({ code: '42P01' })
  return error === undefined
}

/** The error a promise is rejected with; undefined when it is not. */
async function rejection(promise: Promise<unknown> | undefined): Promise<unknown> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error
  }
}
