import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { compile } from '../../src/sql/compile.ts'
import { checkSql, emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'
import { useRole } from '../helpers/use-role.ts'

const engines = useEngines()
const role = useRole(engines)

const BEFORE = [
  'CREATE SCHEMA app',
  'CREATE TABLE app.users (id integer PRIMARY KEY, name text, active boolean)',
]

function check(
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
): Promise<string> {
  return checkSql(engines.all(), define, [...BEFORE, ...before])
}

describe('createView', () => {
  test('with every option', async () => {
    const said = await check((builder) => {
      builder.createView('app.names', 'SELECT id, name FROM app.users')
      builder.createView('safe', sql`SELECT id, active FROM app.users WHERE name <> ${"o'b"}`, {
        columns: ['key', 'is active'],
        securityBarrier: true,
        securityInvoker: true,
        checkOption: 'cascaded',
      })
      builder.createView('mine', 'SELECT * FROM safe', { temporary: true })
      builder.createView('numbers', 'VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 5', {
        recursive: true,
        columns: 'n',
      })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE VIEW "app"."names" AS
      SELECT id, name FROM app.users;
      CREATE VIEW "safe" ("key", "is active") WITH (security_barrier = true, security_invoker = true) AS
      SELECT id, active FROM app.users WHERE name <> 'o''b'
      WITH CASCADED CHECK OPTION;
      CREATE TEMPORARY VIEW "mine" AS
      SELECT * FROM safe;
      CREATE RECURSIVE VIEW "numbers" ("n") AS
      VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 5"
    `)
  })

  test('the query may end with a semicolon or a comment', async () => {
    const said = await check((builder) => {
      builder.createView(
        'v',
        `
        -- those who are there
        SELECT id, name FROM app.users -- not all;
        WHERE active; -- the end
      `,
        { checkOption: 'local' },
      )
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE VIEW "v" AS
      SELECT id, name FROM app.users -- not all;
              WHERE active
      WITH LOCAL CHECK OPTION"
    `)
  })
})

describe('createView with replace', () => {
  const OLD = 'CREATE VIEW v AS SELECT id FROM app.users'

  test('in place, and back', async () => {
    const said = await check(
      (builder) => {
        builder.createView('v', 'SELECT id FROM app.users WHERE active', {
          replace: true,
          securityBarrier: true,
          was: { query: 'SELECT id FROM app.users' },
        })
      },
      [OLD, `GRANT SELECT ON v TO ${role.name}`],
    )
    expect(said).toMatchInlineSnapshot(`
      "CREATE OR REPLACE VIEW "v" WITH (security_barrier = true) AS
      SELECT id FROM app.users WHERE active"
    `)
  })

  test('with one column more, which cannot be taken back in place', async () => {
    const define = (builder: SchemaBuilder): SchemaBuilder =>
      builder.createView('v', 'SELECT id, name FROM app.users', {
        replace: true,
        was: { query: 'SELECT id FROM app.users' },
      })
    await check(define, [OLD])
    const inverse = invertAll(define(new SchemaBuilder()).operations)
    expect(inverse.map(compile).join(';\n')).toMatchInlineSnapshot(`
      "DO $do$
      BEGIN
        EXECUTE $sql$CREATE OR REPLACE VIEW "v" AS
      SELECT id FROM app.users$sql$;
      EXCEPTION WHEN invalid_table_definition THEN
        DROP VIEW "v";
        EXECUTE $sql$CREATE VIEW "v" AS
      SELECT id FROM app.users$sql$;
      END
      $do$"
    `)
  })

  test('or recreate', async () => {
    const said = await check(
      (builder) => {
        builder.createView('v', sql`SELECT name, '$sql' AS text FROM app.users`, {
          replace: 'recreate',
          was: { query: 'SELECT id FROM app.users' },
        })
      },
      [OLD],
    )
    expect(said).toMatchInlineSnapshot(`
      "DO $do$
      BEGIN
        EXECUTE $sql2$CREATE OR REPLACE VIEW "v" AS
      SELECT name, '$sql' AS text FROM app.users$sql2$;
      EXCEPTION WHEN invalid_table_definition THEN
        DROP VIEW "v";
        EXECUTE $sql2$CREATE VIEW "v" AS
      SELECT name, '$sql' AS text FROM app.users$sql2$;
      END
      $do$"
    `)
  })

  test('without the old view there is no way back', () => {
    const builder = new SchemaBuilder().createView('v', 'SELECT 1', { replace: true })
    expect(() => invertAll(builder.operations)).toThrow(IrreversibleError)
  })
})

test('renameView', async () => {
  const said = await check(
    (builder) => {
      builder.renameView('app.v', 'w')
      builder.renameView('app.w', 'app.x')
    },
    ['CREATE VIEW app.v AS SELECT 1 AS one'],
  )
  expect(said).toMatchInlineSnapshot(`
    "ALTER VIEW "app"."v" RENAME TO "w";
    ALTER VIEW "app"."w" RENAME TO "x""
  `)
})

test('dropView', async () => {
  const said = await check(
    (builder) => {
      builder.dropView('app.v', {
        was: { query: 'SELECT 1', columns: ['one'], securityInvoker: true },
      })
    },
    ['CREATE VIEW app.v (one) WITH (security_invoker = true) AS SELECT 1'],
  )
  expect(said).toMatchInlineSnapshot(`"DROP VIEW "app"."v""`)
})

describe('materialized views', () => {
  test('createMaterializedView', async () => {
    const said = await check((builder) => {
      builder.createMaterializedView('app.counts', 'SELECT count(*) AS total FROM app.users;')
      builder.createMaterializedView('later', 'SELECT 1, 2 -- two', {
        columns: ['one', 'two'],
        with: { fillfactor: 70, autovacuum_enabled: false },
        tablespace: 'pg_default',
        withData: false,
      })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE MATERIALIZED VIEW "app"."counts" AS
      SELECT count(*) AS total FROM app.users;
      CREATE MATERIALIZED VIEW "later" ("one", "two") WITH ("fillfactor" = 70, "autovacuum_enabled" = false) TABLESPACE "pg_default" AS
      SELECT 1, 2
      WITH NO DATA"
    `)
  })

  test('refreshMaterializedView', async () => {
    const said = await check((builder) => {
      builder.createMaterializedView('m', 'SELECT id FROM app.users')
      builder.raw('CREATE UNIQUE INDEX m_id ON m (id)', 'DROP INDEX m_id')
      builder.refreshMaterializedView('m')
      builder.refreshMaterializedView('m', { concurrently: true })
      builder.refreshMaterializedView('m', { withData: false })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE MATERIALIZED VIEW "m" AS
      SELECT id FROM app.users;
      CREATE UNIQUE INDEX m_id ON m (id);
      REFRESH MATERIALIZED VIEW "m";
      REFRESH MATERIALIZED VIEW CONCURRENTLY "m";
      REFRESH MATERIALIZED VIEW "m" WITH NO DATA"
    `)
  })

  test('renameMaterializedView', async () => {
    const said = await check(
      (builder) => {
        builder.renameMaterializedView('app.m', 'n')
      },
      ['CREATE MATERIALIZED VIEW app.m AS SELECT 1 AS one'],
    )
    expect(said).toMatchInlineSnapshot(`"ALTER MATERIALIZED VIEW "app"."m" RENAME TO "n""`)
  })

  test('dropMaterializedView', async () => {
    const said = await check(
      (builder) => {
        builder.dropMaterializedView('m', {
          was: { query: 'SELECT 1', columns: ['one'], with: { fillfactor: 70 }, withData: false },
        })
      },
      ['CREATE MATERIALIZED VIEW m (one) WITH (fillfactor = 70) AS SELECT 1 WITH NO DATA'],
    )
    expect(said).toMatchInlineSnapshot(`"DROP MATERIALIZED VIEW "m""`)
  })
})

test('in words', () => {
  const builder = new SchemaBuilder()
    .createView('a.v', 'SELECT 1')
    .createView('v', 'SELECT 1', { replace: true })
    .renameView('v', 'w')
    .dropView('w')
    .createMaterializedView('m', 'SELECT 1')
    .refreshMaterializedView('m')
    .refreshMaterializedView('m', { concurrently: true })
    .renameMaterializedView('m', 'n')
    .dropMaterializedView('n')
  expect(builder.operations.map(inWords)).toMatchInlineSnapshot(`
    [
      "create view "a.v"",
      "create or replace view "v"",
      "rename view "v" to "w"",
      "drop view "w"",
      "create materialized view "m"",
      "refresh materialized view "m"",
      "refresh materialized view "m" concurrently",
      "rename materialized view "m" to "n"",
      "drop materialized view "n"",
    ]
  `)
})

describe('bad calls', () => {
  const bad = (call: (builder: SchemaBuilder) => unknown): string => {
    const builder = new SchemaBuilder()
    const said = failure(() => call(builder))
    expect(builder.operations).toEqual([])
    return said
  }

  test('queries', () => {
    expect(bad((builder) => builder.createView('v', ' '))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      a view needs a query
      pass it as text, such as 'SELECT id, email FROM users'"
    `)
    expect(bad((builder) => builder.createView('v', '-- nothing'))).toContain('not none')
    expect(bad((builder) => builder.createView('v', 'SELECT 1; DROP TABLE users')))
      .toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      a view is one SQL statement, not 2
      make a call for each, or run the others with builder.raw()"
    `)
    expect(bad((builder) => builder.createMaterializedView('v', "SELECT 'a")))
      .toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      the SQL of a materialized view cannot be read: line 1 has a string that is never closed
      close it"
    `)
    expect(bad((builder) => builder.createView('v', 'SELECT 1 \0'))).toContain('NUL')
  })

  test('options', () => {
    expect(bad((builder) => builder.createView('v', 'SELECT 1', { recursive: true })))
      .toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      a recursive view must name its columns
      add { columns: ['id', 'parent_id'] }"
    `)
    expect(bad((builder) => builder.createView('v', 'SELECT 1', { was: { query: 'SELECT 2' } })))
      .toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      { was } says what is replaced, but nothing is
      add { replace: true }, or leave out { was }"
    `)
    expect(bad((builder) => builder.createView('v', 'SELECT 1', { replace: 'yes' as 'recreate' })))
      .toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      "yes" is not a value of replace
      use one of true, false, 'recreate'"
    `)
    expect(
      bad((builder) => builder.createView('v', 'SELECT 1', { checkOption: 'all' as 'local' })),
    ).toContain('"all" is not a value of checkOption')
    expect(
      bad((builder) =>
        builder.refreshMaterializedView('v', { concurrently: true, withData: false }),
      ),
    ).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      a materialized view cannot be emptied concurrently
      leave out { concurrently }, or { withData }"
    `)
    expect(
      bad((builder) => builder.createMaterializedView('v', 'SELECT 1', { columns: [] })),
    ).toContain('empty')
  })

  test('renaming does not move between schemas', () => {
    expect(bad((builder) => builder.renameView('a.v', 'b.v'))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      a rename cannot move view "v" to schema "b"
      PostgreSQL renames a view within its schema
      move it first: builder.raw('ALTER VIEW … SET SCHEMA …')"
    `)
    expect(bad((builder) => builder.renameMaterializedView('v', 'b.v'))).toContain('SET SCHEMA')
  })
})

test('what cannot be replaced in place says what to write', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    const view = new SchemaBuilder(database)
      .createView('v', 'SELECT 1 AS one, 2 AS two')
      .createView('v', 'SELECT 1 AS one', { replace: true })
    await expect(view.run()).rejects.toThrow("write { replace: 'recreate' }")
    const input = { returns: 'integer', language: 'sql', body: 'SELECT 1' }
    const routine = new SchemaBuilder(database)
      .createFunction('f', input)
      .createFunction('f', { ...input, returns: 'bigint', replace: true })
    await expect(routine.run()).rejects.toThrow("write { replace: 'recreate' }")
  }
})
