import { identifier } from '../../../src/sql/identifier.ts'
import { at } from '../world.ts'
import type { Change } from '../world.ts'
import { onColumn, onTable } from './on-world.ts'

/** What PostgreSQL refuses in a transaction. */
export const outsideChanges: Change[] = [
  onColumn((builder, table, column, { name, other }) => {
    builder.createIndex(table.name, column, { name, unique: other % 2 === 0, concurrently: true })
    table.indexes.push(name)
    table.texts = table.texts.filter((one) => one !== column)
  }),
  onTable(
    (builder, table, { name, other }) => {
      const index = at(table.indexes, other)
      if (index === undefined) {
        builder.createIndex(table.name, 'a', { name })
        builder.dropIndex(table.name, 'a', { name, concurrently: true, was: {} })
        return
      }
      builder.dropIndex(table.name, 'a', { name: index, concurrently: true })
      table.indexes = table.indexes.filter((one) => one !== index)
    },
    (table) => !table.isBound && table.columns.includes('a'),
  ),
  onTable((builder, table, { other }) => {
    const index = at(table.indexes, other)
    builder.reindex(index === undefined ? { table: table.name } : { index }, { concurrently: true })
  }),
  (builder, _world, { name, other }) => {
    builder
      .createTable(name, (table) => {
        table.integer('n')
        table.partitionBy('range', 'n')
      })
      .createPartition(`${name}_1`, name, { from: 0, to: 10 })
      .createPartition(`${name}_2`, name, { from: 10, to: 10 + other + 1 })
      .detachPartition(name, `${name}_1`, { concurrently: true, was: { from: 0, to: 10 } })
  },
  (builder, _world, { name }) => {
    builder
      .createMaterializedView(name, 'SELECT 1 AS one')
      .createIndex(name, 'one', { unique: true })
      .refreshMaterializedView(name, { concurrently: true })
  },
  (builder, _world, { name, other }) => {
    builder
      .createTable(name, (table) => {
        table.identity('id').primary()
        table.integer('n').nullable()
      })
      .raw(
        `INSERT INTO ${identifier(name)} SELECT FROM generate_series(1, ${other})`,
        `DELETE FROM ${identifier(name)}`,
      )
      .backfill(name, { set: { n: 1 }, batchSize: 10 })
      // Fails where a row was left out.
      .setNotNull(name, 'n')
  },
]
