import { describe, expect, test } from 'vitest'

import type { ReplaceTypeOptions } from '../../src/builder/enum-values.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { compile } from '../../src/sql/compile.ts'
import { catalog } from '../helpers/catalog.ts'
import { checkSql, emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { useRole } from '../helpers/use-role.ts'

const engines = useEngines()
const owner = useRole(engines)
const reader = useRole(engines)

test('the statement', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder.replaceType('app.mood', ["it's", 'ok'], {
        map: { sad: "it's" },
        was: ['ok', 'sad'],
      }),
    ['CREATE SCHEMA app', `CREATE TYPE app.mood AS ENUM ('ok', 'sad')`],
  )
  // What follows is the same for every type.
  expect(said.split('\n').slice(0, 6).join('\n')).toMatchInlineSnapshot(`
    "DO $do$
    DECLARE
      old_type CONSTANT regtype := '"app"."mood"';
      new_labels CONSTANT text[] := ARRAY['it''s', 'ok'];
      new_label CONSTANT jsonb := '{"sad":"it''s"}';
      aside CONSTANT name := 'mood_replaced';"
  `)
  expect(said).toMatch(/^DO \$do\$[^]*\$do\$$/)
})

/** Replaces `mood` after `before`; what `query` says then. */
async function replaced(
  before: readonly string[],
  values: readonly string[],
  options: ReplaceTypeOptions,
  query: string,
): Promise<unknown> {
  let result: unknown
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run(before)
    await new SchemaBuilder(database).replaceType('mood', values, options).run()
    const { rows } = await database.query(query)
    if (result !== undefined) expect(rows).toEqual(result)
    result = rows
  }
  return result
}

const MOOD = `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`

describe('rows', () => {
  test('of columns and arrays follow the map', async () => {
    const rows = await replaced(
      [
        MOOD,
        'CREATE TABLE t (id int, m mood, list mood[])',
        `INSERT INTO t VALUES (1, 'sad', '{sad,ok,NULL}'), (2, NULL, NULL), (3, 'happy', '{{happy,sad},{sad,ok}}')`,
      ],
      ['happy', 'blue'],
      { map: { sad: 'blue', ok: 'happy' } },
      'SELECT m::text, list::text FROM t ORDER BY id',
    )
    expect(rows).toEqual([
      { m: 'blue', list: '{blue,happy,NULL}' },
      { m: null, list: null },
      { m: 'happy', list: '{{happy,blue},{blue,happy}}' },
    ])
  })

  test('swap values', async () => {
    const rows = await replaced(
      [
        MOOD,
        `CREATE TABLE t (m mood, list mood[] DEFAULT '{sad,happy}')`,
        `INSERT INTO t VALUES ('sad'), ('ok'), ('happy')`,
      ],
      ['sad', 'ok', 'happy'],
      { map: { sad: 'happy', happy: 'sad' } },
      'SELECT m::text, list::text FROM t',
    )
    expect(rows).toEqual([
      { m: 'happy', list: '{happy,sad}' },
      { m: 'ok', list: '{happy,sad}' },
      { m: 'sad', list: '{happy,sad}' },
    ])
  })

  test('whatever the values look like', async () => {
    const odd = [`it's`, `"q"`, `a\\b`, `%s %I`, `$1`, '{a,b}', `'x'::mood`, 'größer 🐘', ' ', '']
    const list = odd.map((value) => `E'${value.replaceAll('\\', '\\\\').replaceAll(`'`, `''`)}'`)
    const map = Object.fromEntries(odd.map((value, index) => [value, odd.at(index - 1) ?? '']))
    const rows = await replaced(
      [
        `CREATE TYPE mood AS ENUM (${list.join(', ')})`,
        `CREATE TABLE t (id serial, m mood DEFAULT ${list[0]}, list mood[] DEFAULT ARRAY[${list.join(', ')}]::mood[])`,
        `ALTER TABLE t ADD CHECK (m IN (${list.join(', ')}))`,
        ...list.map((value) => `INSERT INTO t (m) VALUES (${value})`),
        'INSERT INTO t DEFAULT VALUES',
      ],
      odd,
      { map },
      'SELECT m::text, array_to_json(list::text[]) AS list FROM t ORDER BY id',
    )
    const moved = odd.map((value) => map[value])
    expect(rows).toEqual([...moved, moved[0]].map((m) => ({ m, list: moved })))
  })

  test('of another schema, of partitions and children', async () => {
    const rows = await replaced(
      [
        'CREATE SCHEMA "My.App"',
        `SET search_path = public, "My.App"`,
        `CREATE TYPE "My.App".mood AS ENUM ('sad', 'ok', 'happy')`,
        'CREATE TABLE "My.App"."P" (k int, m mood) PARTITION BY RANGE (k)',
        'CREATE TABLE p1 PARTITION OF "P" FOR VALUES FROM (0) TO (10)',
        `ALTER TABLE p1 ALTER m SET DEFAULT 'sad'`,
        `ALTER TABLE ONLY "P" ALTER m SET DEFAULT 'happy'`,
        `CREATE INDEX ON "P" (k) WHERE m = 'happy'`,
        `ALTER TABLE "P" ADD CONSTRAINT not_ok CHECK (m <> 'ok')`,
        'CREATE TABLE parent (m mood)',
        `CREATE TABLE child (other mood DEFAULT 'happy') INHERITS (parent)`,
        `INSERT INTO "P" VALUES (1)`,
        `INSERT INTO p1 VALUES (2)`,
        `INSERT INTO child VALUES ('happy')`,
      ],
      ['happy', 'blue', 'ok'],
      { map: { sad: 'blue' } },
      `SELECT json_build_object(
        'rows', (SELECT json_agg(m ORDER BY k) FROM "P"),
        'child', (SELECT json_agg(child) FROM child),
        'defaults', (SELECT json_agg(pg_get_expr(adbin, adrelid) ORDER BY adrelid::regclass::text) FROM pg_attrdef),
        'indexes', (SELECT json_agg(indexdef ORDER BY indexdef) FROM pg_indexes WHERE indexdef ~ 'P|p1'),
        'checks', (SELECT json_agg(conrelid::regclass || ' ' || pg_get_constraintdef(oid) ORDER BY 1)
          FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0),
        'schema', (SELECT typnamespace::regnamespace FROM pg_type WHERE typname = 'mood')) AS all`,
    )
    expect(rows).toMatchInlineSnapshot(`
      [
        {
          "all": {
            "checks": [
              ""P" CHECK ((m <> 'ok'::mood))",
              "p1 CHECK ((m <> 'ok'::mood))",
            ],
            "child": [
              {
                "m": "happy",
                "other": "happy",
              },
            ],
            "defaults": [
              "'happy'::mood",
              "'happy'::mood",
              "'blue'::mood",
            ],
            "indexes": [
              "CREATE INDEX "P_k_idx" ON ONLY "My.App"."P" USING btree (k) WHERE (m = 'happy'::mood)",
              "CREATE INDEX p1_k_idx ON public.p1 USING btree (k) WHERE (m = 'happy'::mood)",
            ],
            "rows": [
              "happy",
              "blue",
            ],
            "schema": ""My.App"",
          },
        },
      ]
    `)
  })
})

describe('what speaks of the type', () => {
  const SPEAKING = [
    MOOD,
    `CREATE TABLE t (
      a mood DEFAULT 'sad' PRIMARY KEY,
      b mood DEFAULT CASE WHEN current_user = 'sad' THEN 'sad'::mood ELSE 'happy'::mood END,
      c mood[] DEFAULT '{sad,NULL}',
      d mood[] DEFAULT ARRAY[]::mood[],
      e mood[] DEFAULT ARRAY['sad', 'ok']::mood[],
      f text DEFAULT ('sad'::mood)::text,
      g mood DEFAULT NULL,
      CONSTRAINT listed CHECK (a IN ('sad', 'ok')),
      CONSTRAINT any_of CHECK (c <> '{sad}'),
      CONSTRAINT two CHECK (a <> b),
      CONSTRAINT no_child CHECK (a <> 'happy') NO INHERIT NOT VALID,
      CONSTRAINT one_sad EXCLUDE USING hash (f WITH =) WHERE (a = 'sad') DEFERRABLE
    )`,
    `COMMENT ON CONSTRAINT listed ON t IS 'it''s listed'`,
    `CREATE UNIQUE INDEX partial ON t (f) WHERE b = 'sad'`,
    `COMMENT ON INDEX partial IS 'some'`,
    `CREATE INDEX expressed ON t ((b = 'ok'), lower(f)) WITH (fillfactor = 70)`,
    'CREATE INDEX plain ON t (b)',
    'CREATE TABLE u (a mood REFERENCES t ON DELETE CASCADE DEFERRABLE)',
  ]
  const SPOKEN = `SELECT json_build_object(
    'defaults', (SELECT json_object_agg(attname, pg_get_expr(adbin, adrelid) ORDER BY attname)
      FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum),
    'constraints', (SELECT json_agg(conname || ': ' || pg_get_constraintdef(oid) ORDER BY conname) FROM pg_constraint
      WHERE conrelid IN ('t'::regclass, 'u'::regclass) AND contype <> 'n'),
    'indexes', (SELECT json_agg(indexdef ORDER BY indexdef) FROM pg_indexes WHERE schemaname = 'public'),
    'comments', (SELECT json_agg(description ORDER BY description) FROM pg_description
      WHERE objoid IN ('partial'::regclass, (SELECT oid FROM pg_constraint WHERE conname = 'listed')))) AS all`

  test('comes back as it was', async () => {
    const after = await replaced(SPEAKING, ['happy', 'sad', 'ok'], {}, SPOKEN)
    for (const database of engines.all()) {
      await emptyDatabase(database)
      await database.run(SPEAKING)
      expect((await database.query(SPOKEN)).rows).toEqual(after)
    }
  })

  test('follows the map', async () => {
    const after = await replaced(
      SPEAKING,
      ['happy', 'blue', 'ok'],
      { map: { sad: 'blue' } },
      SPOKEN,
    )
    expect(after).toMatchInlineSnapshot(`
      [
        {
          "all": {
            "comments": [
              "it's listed",
              "some",
            ],
            "constraints": [
              "any_of: CHECK ((c <> '{blue}'::mood[]))",
              "listed: CHECK ((a = ANY (ARRAY['blue'::mood, 'ok'::mood])))",
              "no_child: CHECK ((a <> 'happy'::mood)) NO INHERIT",
              "one_sad: EXCLUDE USING hash (f WITH =) WHERE ((a = 'blue'::mood)) DEFERRABLE",
              "t_pkey: PRIMARY KEY (a)",
              "two: CHECK ((a <> b))",
              "u_a_fkey: FOREIGN KEY (a) REFERENCES t(a) ON DELETE CASCADE DEFERRABLE",
            ],
            "defaults": {
              "a": "'blue'::mood",
              "b": "
      CASE
          WHEN (CURRENT_USER = 'sad'::name) THEN 'blue'::mood
          ELSE 'happy'::mood
      END",
              "c": "'{blue,NULL}'::mood[]",
              "d": "ARRAY[]::mood[]",
              "e": "ARRAY['blue'::mood, 'ok'::mood]",
              "f": "('blue'::mood)::text",
            },
            "indexes": [
              "CREATE INDEX expressed ON public.t USING btree (((b = 'ok'::mood)), lower(f)) WITH (fillfactor='70')",
              "CREATE INDEX one_sad ON public.t USING hash (f) WHERE (a = 'blue'::mood)",
              "CREATE INDEX plain ON public.t USING btree (b)",
              "CREATE UNIQUE INDEX partial ON public.t USING btree (f) WHERE (b = 'blue'::mood)",
              "CREATE UNIQUE INDEX t_pkey ON public.t USING btree (a)",
            ],
          },
        },
      ]
    `)
  })

  test('undone, it is as it was', async () => {
    await checkSql(
      engines.all(),
      (builder) =>
        builder.replaceType('mood', ['happy', 'blue', 'ok'], {
          map: { sad: 'blue' },
          was: ['sad', 'ok', 'happy'],
        }),
      SPEAKING,
    )
  })
})

test('owner, privileges and comment stay', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run([
      MOOD,
      `COMMENT ON TYPE mood IS 'how it''s going'`,
      `GRANT USAGE ON TYPE mood TO ${reader.name} WITH GRANT OPTION`,
      'REVOKE USAGE ON TYPE mood FROM PUBLIC',
      `GRANT CREATE ON SCHEMA public TO ${owner.name}`,
      `ALTER TYPE mood OWNER TO ${owner.name}`,
    ])
    const first = await catalog(database)
    const builder = new SchemaBuilder(database)
    builder.replaceType('mood', ['ok', 'sad', 'happy'], { was: ['sad', 'ok', 'happy'] })
    const { operations } = builder
    await builder.run()
    expect(await catalog(database)).not.toEqual(first)
    await database.run(invertAll(operations).map(compile))
    expect(await catalog(database)).toEqual(first)
  }
})

test('what addTypeValue has added can be taken back in one transaction', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run([
      MOOD,
      `CREATE TABLE t (m mood DEFAULT 'ok')`,
      `INSERT INTO t VALUES ('sad'), ('happy')`,
      `CREATE INDEX glad ON t (m) WHERE m = 'happy'`,
    ])
    const first = await catalog(database)
    const builder = new SchemaBuilder(database)
    builder.addTypeValue('mood', 'a', { was: ['sad', 'ok', 'happy'] })
    builder.addTypeValue('mood', 'b', { before: 'ok', was: ['sad', 'ok', 'happy', 'a'] })
    const { operations } = builder
    await builder.run()
    await database.transaction((transaction) => transaction.run(invertAll(operations).map(compile)))
    expect(await catalog(database)).toEqual(first)
    const { rows } = await database.query('SELECT m::text FROM t')
    expect(rows).toEqual([{ m: 'sad' }, { m: 'happy' }])
  }
})

test('the way back takes mapped values home', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run([
      MOOD,
      'CREATE TABLE t (m mood)',
      `INSERT INTO t VALUES ('sad'), ('ok'), ('happy')`,
    ])
    const builder = new SchemaBuilder(database)
    builder.replaceType('mood', ['ok', 'sad', 'fine', 'new'], {
      map: { sad: 'ok', ok: 'sad', happy: 'fine' },
      was: ['sad', 'ok', 'happy'],
    })
    const { operations } = builder
    await builder.run()
    const rows = async (): Promise<unknown> =>
      (await database.query<{ m: string }>('SELECT m FROM t')).rows.map(({ m }) => m)
    expect(await rows()).toEqual(['ok', 'sad', 'fine'])
    await database.run(invertAll(operations).map(compile))
    expect(await rows()).toEqual(['sad', 'ok', 'happy'])
  }
})
