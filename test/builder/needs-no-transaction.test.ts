import { expect, test } from 'vitest'

import { takeRecorded } from '../../src/builder/recorded.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { statementError } from '../../src/builder/statement-error.ts'
import { StatementFailure } from '../../src/database/database.ts'
import type { Database } from '../../src/database/database.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

test.for([
  ['backfill', (builder) => builder.backfill('t', { set: { id: 1 } })],
  ['createIndex', (builder) => builder.createIndex('t', 'id', { concurrently: true })],
  ['dropIndex', (builder) => builder.dropIndex('t', 'id', { concurrently: true })],
  ['reindex', (builder) => builder.reindex({ table: 't' }, { concurrently: true })],
  ['detachPartition', (builder) => builder.detachPartition('t', 'p', { concurrently: true })],
  [
    'reversible',
    (builder) =>
      builder.reversible({
        up: (up) => up.createIndex('t', 'id', { concurrently: true }),
        down: (down) => down.dropIndex('t', 'id'),
      }),
  ],
] satisfies readonly (readonly [string, (builder: SchemaBuilder) => unknown])[])(
  '%s is refused before anything is sent',
  async ([, define]) => {
    const database: Database | undefined = engines.all()[0]
    const builder = new SchemaBuilder(database).raw('SELECT bogus')
    define(builder)
    await expect(builder.run()).rejects.toMatchObject({
      code: 'FAASJS_PG_NEEDS_NO_TRANSACTION',
      fix: expect.stringContaining('export const transaction = false'),
      details: { source: expect.stringContaining('needs-no-transaction.test.ts:') },
    })
    expect(builder.operations).toHaveLength(2)
  },
)

test('what blocks runs in a transaction', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    const builder = new SchemaBuilder(database)
      .createTable('t', (table) => table.integer('id'))
      .createIndex('t', 'id')
      .reindex({ table: 't' })
      .dropIndex('t', 'id')
    await builder.run()
    expect(builder.operations).toEqual([])
  }
})

test('an index that an earlier try left invalid', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run(['CREATE TABLE t (id integer)', 'CREATE INDEX idx_t_id ON t (id)'])
    const builder = new SchemaBuilder().createIndex('public.t', 'id', { concurrently: true })
    const failure = await database.run(builder.toSQL()).catch((error: unknown) => error)
    if (!(failure instanceof StatementFailure)) throw new TypeError('it did not fail')
    expect(statementError(failure, takeRecorded(builder))).toMatchObject({
      details: { sqlState: '42P07' },
      fix: expect.stringContaining('DROP INDEX CONCURRENTLY "public"."idx_t_id", then run again'),
    })
  }
})
