import fc from 'fast-check'
import { expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import { qualifiedName } from '../../src/sql/identifier.ts'
import { literal } from '../../src/sql/literal.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

const text = fc
  .array(fc.constantFrom('%', '%%', '%s', '%1$s', '%I', '$1', "'", '"', 'a', ' '), { maxLength: 6 })
  .map((parts) => parts.join(''))

test('values, conditions and names mean what they say, whatever is in them', async () => {
  for (const database of engines.all()) {
    await fc.assert(
      fc.asyncProperty(text, text, text, async (name, value, other) => {
        await emptyDatabase(database)
        const table = { name: `t${name}` }
        const quoted = qualifiedName(table)
        await database.run([
          `CREATE TABLE ${quoted} ("%id" integer PRIMARY KEY, old text, new text)`,
          `INSERT INTO ${quoted} VALUES (1, ${literal(other)}, NULL), (2, 'kept', NULL)`,
        ])
        const builder = new SchemaBuilder().backfill(table, {
          set: { new: value },
          where: sql`old = ${other} OR old LIKE 'x%'`,
          batchSize: 1,
        })
        await database.run(builder.toSQL())
        const { rows } = await database.query(`SELECT new FROM ${quoted} ORDER BY "%id"`)
        expect(rows).toEqual([{ new: value }, { new: null }])
      }),
      { numRuns: 12 },
    )
  }
})

test('columns that a primary key only includes do not hide rows', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run([
      'CREATE TABLE t (id integer, n text, x integer, PRIMARY KEY (id) INCLUDE (n))',
      `INSERT INTO t SELECT g, CASE WHEN g % 3 > 0 THEN 'a' END FROM generate_series(1, 20) g`,
    ])
    await database.run(new SchemaBuilder().backfill('t', { set: { x: 1 }, batchSize: 2 }).toSQL())
    const { rows } = await database.query('SELECT count(x)::int AS done FROM t')
    expect(rows).toEqual([{ done: 20 }])
  }
})

test('arrays are values, in batches and in one statement', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run([
      'CREATE TABLE t (id integer PRIMARY KEY, tags text[], n integer[])',
      'INSERT INTO t VALUES (1)',
    ])
    const builder = new SchemaBuilder()
      .backfill('t', { set: { tags: ['a b', 'c'] } })
      .fill('t', 'n', [])
    for (const statement of builder.toSQL()) await database.run([statement])
    const { rows } = await database.query('SELECT tags::text, n::text FROM t')
    expect(rows).toEqual([{ tags: '{"a b",c}', n: '{}' }])
  }
})
