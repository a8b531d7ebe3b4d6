import { describe, expect, test } from 'vitest'

import type { AggregateInput } from '../../src/builder/aggregates.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { withMemory } from '../../src/operations/memory/schema-memory.ts'
import { compile } from '../../src/sql/compile.ts'
import { catalog } from '../helpers/catalog.ts'
import { checkSql, emptyDatabase, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

function check(
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
): Promise<string> {
  return checkSql(engines.all(), define, ['CREATE SCHEMA app', ...before])
}

const TOTAL: AggregateInput = { args: ['integer'], stateFunction: 'int4pl', stateType: 'integer' }

describe('createAggregate', () => {
  test('of a state function', async () => {
    const said = await check((builder) => builder.createAggregate('app.total', TOTAL))
    expect(said).toMatchInlineSnapshot(`
      "CREATE AGGREGATE "app"."total"(integer) (
        SFUNC = "int4pl",
        STYPE = integer
      )"
    `)
  })

  test('with every option', async () => {
    const said = await check((builder) => {
      builder
        .createAggregate('app.Average', {
          args: [{ name: 'value', type: 'bigint' }],
          stateFunction: 'pg_catalog.int8_avg_accum',
          stateType: 'internal',
          stateSpace: 48,
          finalFunction: 'pg_catalog.numeric_poly_avg',
          finalModify: 'read_only',
          combineFunction: 'pg_catalog.int8_avg_combine',
          serialFunction: 'pg_catalog.int8_avg_serialize',
          deserialFunction: 'pg_catalog.int8_avg_deserialize',
          moving: {
            stateFunction: 'pg_catalog.int8_avg_accum',
            inverseFunction: 'pg_catalog.int8_avg_accum_inv',
            stateType: 'internal',
            stateSpace: 48,
            finalFunction: 'pg_catalog.numeric_poly_avg',
          },
          parallel: 'safe',
        })
        .createAggregate('app.least', {
          args: ['integer'],
          stateFunction: 'int4smaller',
          stateType: 'integer',
          initial: '2147483647',
          sortOperator: 'pg_catalog.<',
        })
        .createAggregate('app.rows', {
          stateFunction: 'int8inc',
          stateType: 'bigint',
          initial: '0',
        })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE AGGREGATE "app"."Average"("value" bigint) (
        SFUNC = "pg_catalog"."int8_avg_accum",
        STYPE = internal,
        SSPACE = 48,
        FINALFUNC = "pg_catalog"."numeric_poly_avg",
        FINALFUNC_MODIFY = READ_ONLY,
        COMBINEFUNC = "pg_catalog"."int8_avg_combine",
        SERIALFUNC = "pg_catalog"."int8_avg_serialize",
        DESERIALFUNC = "pg_catalog"."int8_avg_deserialize",
        MSFUNC = "pg_catalog"."int8_avg_accum",
        MSTYPE = internal,
        MSSPACE = 48,
        MFINALFUNC = "pg_catalog"."numeric_poly_avg",
        MINVFUNC = "pg_catalog"."int8_avg_accum_inv",
        PARALLEL = SAFE
      );
      CREATE AGGREGATE "app"."least"(integer) (
        SFUNC = "int4smaller",
        STYPE = integer,
        INITCOND = '2147483647',
        SORTOP = OPERATOR("pg_catalog".<)
      );
      CREATE AGGREGATE "app"."rows"(*) (
        SFUNC = "int8inc",
        STYPE = bigint,
        INITCOND = '0'
      )"
    `)
  })

  test('of an ordered set, a hypothetical row, and any number of arguments', async () => {
    const said = await check((builder) => {
      builder
        .createAggregate('app.percentile', {
          args: ['double precision'],
          orderBy: ['anyelement'],
          stateFunction: 'ordered_set_transition',
          stateType: 'internal',
          finalFunction: 'percentile_disc_final',
          finalExtra: true,
          finalModify: 'read_write',
        })
        .createAggregate('app.place', {
          args: [{ type: '"any"', mode: 'variadic' }],
          orderBy: [{ type: '"any"', mode: 'variadic' }],
          hypothetical: true,
          stateFunction: 'ordered_set_transition_multi',
          stateType: 'internal',
          finalFunction: 'rank_final',
          finalExtra: true,
        })
        .comment(
          { aggregate: 'app.percentile', args: ['double precision'], orderBy: ['anyelement'] },
          'p',
        )
        .renameAggregate('app.percentile', ['double precision'], 'centile', {
          orderBy: ['anyelement'],
        })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE AGGREGATE "app"."percentile"(double precision ORDER BY anyelement) (
        SFUNC = "ordered_set_transition",
        STYPE = internal,
        FINALFUNC = "percentile_disc_final",
        FINALFUNC_EXTRA,
        FINALFUNC_MODIFY = READ_WRITE
      );
      CREATE AGGREGATE "app"."place"(VARIADIC "any" ORDER BY VARIADIC "any") (
        SFUNC = "ordered_set_transition_multi",
        STYPE = internal,
        FINALFUNC = "rank_final",
        FINALFUNC_EXTRA,
        HYPOTHETICAL
      );
      COMMENT ON AGGREGATE "app"."percentile"(double precision ORDER BY anyelement) IS 'p';
      ALTER AGGREGATE "app"."percentile"(double precision ORDER BY anyelement) RENAME TO "centile""
    `)
  })

  test('computes', async () => {
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const builder = new SchemaBuilder(database)
      builder.createAggregate('total', { ...TOTAL, initial: '100' })
      await builder.run()
      const { rows } = await database.query(
        'SELECT total(n) AS total FROM generate_series(1, 4) AS n',
      )
      expect(rows).toEqual([{ total: 110 }])
    }
  })

  test('in place of another, which comes back', async () => {
    const said = await check(
      (builder) => {
        builder.createAggregate('app.total', {
          ...TOTAL,
          initial: '0',
          replace: true,
          was: TOTAL,
        })
      },
      ['CREATE AGGREGATE app.total (integer) (SFUNC = int4pl, STYPE = integer)'],
    )
    expect(said).toMatchInlineSnapshot(`
      "CREATE OR REPLACE AGGREGATE "app"."total"(integer) (
        SFUNC = "int4pl",
        STYPE = integer,
        INITCOND = '0'
      )"
    `)
  })

  test('in place of one with another result, made in the same list', async () => {
    const said = await check((builder) => {
      builder
        .createAggregate('app.total', TOTAL)
        .comment({ aggregate: 'app.total', args: ['integer'] }, 'said')
        .createAggregate('app.total', {
          args: ['integer'],
          stateFunction: 'int8inc_any',
          stateType: 'bigint',
          initial: '0',
          replace: 'recreate',
        })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE AGGREGATE "app"."total"(integer) (
        SFUNC = "int4pl",
        STYPE = integer
      );
      COMMENT ON AGGREGATE "app"."total"(integer) IS 'said';
      DO $do$
      BEGIN
        EXECUTE $sql$CREATE OR REPLACE AGGREGATE "app"."total"(integer) (
        SFUNC = "int8inc_any",
        STYPE = bigint,
        INITCOND = '0'
      )$sql$;
      EXCEPTION WHEN invalid_function_definition THEN
        DROP AGGREGATE "app"."total"(integer);
        EXECUTE $sql$CREATE AGGREGATE "app"."total"(integer) (
        SFUNC = "int8inc_any",
        STYPE = bigint,
        INITCOND = '0'
      )$sql$;
      END
      $do$"
    `)
  })
})

describe('dropAggregate and renameAggregate', () => {
  test('are undone', async () => {
    const said = await check(
      (builder) => {
        builder
          .renameAggregate('app.total', ['integer'], 'sum_of_all')
          .dropAggregate('app.sum_of_all', ['integer'], { was: TOTAL })
          .dropAggregate('app.rows', [], {
            was: { stateFunction: 'int8inc', stateType: 'bigint', initial: '0' },
          })
      },
      [
        'CREATE AGGREGATE app.total (integer) (SFUNC = int4pl, STYPE = integer)',
        'CREATE AGGREGATE app.rows (*) (SFUNC = int8inc, STYPE = bigint, INITCOND = 0)',
      ],
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER AGGREGATE "app"."total"(integer) RENAME TO "sum_of_all";
      DROP AGGREGATE "app"."sum_of_all"(integer);
      DROP AGGREGATE "app"."rows"(*)"
    `)
  })

  test('what was made in the same list is remembered, with its comment', async () => {
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const builder = new SchemaBuilder(database)
      builder
        .createAggregate('total', TOTAL)
        .comment({ aggregate: 'total', args: ['integer'] }, 'of all')
      await builder.run()
      const before = await catalog(database)
      const operations = withMemory([
        ...new SchemaBuilder()
          .createAggregate('total', TOTAL)
          .comment({ aggregate: 'total', args: ['integer'] }, 'of all')
          .dropAggregate('total', ['integer']).operations,
      ]).slice(2)
      await database.run(operations.map(compile))
      await database.run(invertAll(operations).map(compile))
      expect(await catalog(database)).toEqual(before)
    }
  })

  test('an unknown one cannot come back', () => {
    const { operations } = new SchemaBuilder().dropAggregate('total', ['integer'])
    expect(() => invertAll(operations)).toThrow(IrreversibleError)
  })
})

test('in words', () => {
  const builder = new SchemaBuilder()
    .createAggregate('app.total', TOTAL)
    .renameAggregate('app.p', ['float8'], 'q', { orderBy: ['anyelement'] })
    .dropAggregate('app.total', ['integer'])
  expect(builder.operations.map(inWords)).toMatchInlineSnapshot(`
    [
      "create aggregate "app.total"(integer)",
      "rename aggregate "app.p"(float8, order by anyelement) to "q"",
      "drop aggregate "app.total"(integer)",
    ]
  `)
})

test.for<[Partial<AggregateInput>, string]>([
  [{ hypothetical: true }, 'puts a row in an order'],
  [{ sortOperator: 'less' }, 'is not an operator'],
  [{ stateSpace: 1.5 }, 'is a number of bytes'],
  [{ parallel: 'maybe' as 'safe' }, 'is not a value of parallel'],
  [{ args: [{ type: 'integer', mode: 'out' as 'in' }] }, 'is not a value of mode'],
  [{ initial: 'a\0b' }, 'PostgreSQL'],
])('%j is refused', ([options, message]) => {
  const create = (): unknown =>
    new SchemaBuilder().createAggregate('total', { ...TOTAL, ...options })
  expect(create).toThrow(message)
})
