import type { ColumnBuilder } from '../../src/builder/column-builder.ts'
import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { rawSql } from '../../src/builder/sql-fragment.ts'
import type { TableBuilder } from '../../src/builder/table-builder.ts'

/** A table whose key counts by a sequence that no column owns, as all of Pagila's do. */
export function numberedTable(
  builder: SchemaBuilder,
  name: string,
  define: (table: TableBuilder) => void,
): void {
  const sequence = `${name}_${name}_id_seq`
  builder.createSequence(sequence)
  builder.createTable(name, (table) => {
    table
      .integer(`${name}_id`)
      .defaultTo(rawSql(`nextval('${sequence}'::regclass)`))
      .primary()
    define(table)
  })
}

/** A column that refers to the key of another table, and keeps its row. */
export function reference<Value>(
  column: ColumnBuilder<Value>,
  table: string,
): ColumnBuilder<Value> {
  return column.references(table, `${table}_id`).onUpdate('CASCADE').onDelete('RESTRICT')
}

/** The moment of the last change, kept by the trigger below. */
export function lastUpdate(table: TableBuilder): void {
  table.timestamptz('last_update').defaultTo('now()')
}

export function lastUpdatedTriggers(builder: SchemaBuilder, tables: readonly string[]): void {
  for (const table of tables) {
    builder.createTrigger('last_updated', table, {
      when: 'before',
      events: ['update'],
      forEach: 'row',
      execute: 'last_updated',
    })
  }
}
