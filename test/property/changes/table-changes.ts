import type { SchemaBuilder } from '../../../src/builder/schema-builder.ts'
import type { TableBuilder } from '../../../src/builder/table-builder.ts'
import { at } from '../world.ts'
import type { Change, Choice, Table } from '../world.ts'
import { makeTable, onColumn, onTable } from './on-world.ts'

const TYPES = [
  'integer',
  'text',
  'uuid',
  'boolean',
  'jsonb',
  'timestamptz',
  'bytea',
  'inet',
] as const

function typed(
  columns: TableBuilder,
  name: string,
  { pick, other }: Choice,
): ReturnType<TableBuilder['text']> {
  return columns.specificType(name, TYPES[pick % TYPES.length] ?? 'text').nullable(other % 2 === 0)
}

function addText(builder: SchemaBuilder, table: Table, name: string): string {
  builder.addColumn(table.name, (columns) => columns.text(name).backfill('x'))
  table.columns.push(name)
  table.texts.push(name)
  return name
}

function addCheck(builder: SchemaBuilder, table: Table, name: string): string {
  builder.addCheck(table.name, name, 'true')
  table.checks.push(name)
  return name
}

function addUnique(builder: SchemaBuilder, table: Table, name: string, column: string): string {
  builder.addUnique(table.name, column, { name })
  table.uniques.push(name)
  table.texts = table.texts.filter((one) => one !== column)
  return name
}

const isFree = (table: Table): boolean => !table.isBound
const has = (column: string) => (table: Table) => table.columns.includes(column)

/** Tables, their columns, indexes and constraints: alike for those of now and of before. */
export const tableChanges: Change[] = [
  makeTable,
  onTable((builder, table, choice) => {
    table.columns.push(choice.name)
    builder.addColumn(table.name, (columns) => typed(columns, choice.name, choice))
  }),
  onTable((builder, table, choice) => {
    table.columns.push(choice.name)
    builder.addColumn(table.name, (columns) =>
      typed(columns, choice.name, choice).unique().index().check('a IS NOT NULL').comment('new'),
    )
    table.isBound = true
  }, has('a')),
  onTable((builder, table, { name }) => void addText(builder, table, name)),
  // Older than what is recorded now, perhaps, so it says what there was.
  onTable((builder, table, { name, other }) => {
    const column = at(table.texts, other) ?? addText(builder, table, name)
    table.texts = table.texts.filter((one) => one !== column)
    table.columns = table.columns.filter((one) => one !== column)
    builder.dropColumn(table.name, column, { was: (columns) => columns.text(column) })
  }, isFree),
  onTable((builder, table, { name, other }) => {
    const column = at(table.texts, other) ?? addText(builder, table, name)
    builder
      .alterColumn(table.name, column, { type: 'varchar(9)', was: { type: 'text' } })
      .setNullable(table.name, column)
      .setNotNull(table.name, column)
      .setNullable(table.name, column)
    table.texts = table.texts.filter((one) => one !== column)
  }),
  onTable(
    (builder, table, { name, pick, other }) => {
      const nullable = other % 2 === 0 ? [name] : []
      table.columns.push(name)
      builder.addColumn(table.name, (columns) => columns.integer(name).nullable(other % 2 === 0))
      // What is known of the new column is not known of an older one.
      if (pick % 2 === 0) builder.addPrimaryKey(table.name, name)
      else {
        const was = { nullable: [...nullable, 'b'] }
        builder.addPrimaryKey(table.name, [name, 'b'], { name: `${name}_k`, was })
      }
      const drop = pick % 2 === 0 ? undefined : { name: `${name}_k` }
      const was = (columns: TableBuilder): unknown =>
        columns.primary(pick % 2 === 0 ? name : [name, 'b'])
      if (pick % 3 === 0) builder.dropPrimaryKey(table.name, { ...drop, was })
      table.isBound = true
    },
    (table) => isFree(table) && !table.hasKey && has('b')(table),
  ),
  onColumn((builder, table, column, { name }) => {
    builder.renameColumn(table.name, column, name)
    table.columns = table.columns.map((one) => (one === column ? name : one))
    table.texts = table.texts.filter((one) => one !== column)
  }),
  onColumn((builder, table, column, { name, other }) => {
    builder.createIndex(table.name, column, { name, unique: other % 2 === 0 })
    table.indexes.push(name)
    table.texts = table.texts.filter((one) => one !== column)
    if (other % 3 === 0) builder.reindex({ index: name })
  }),
  onTable((builder, table, { name, other }) => {
    const index = at(table.indexes, other)
    if (index === undefined) return
    builder.renameIndex(table.name, index, name)
    table.indexes = table.indexes.map((one) => (one === index ? name : one))
  }),
  onTable((builder, table, { other }) => {
    const index = at(table.indexes, other)
    if (index === undefined) return
    if (other % 2 === 0) builder.dropIndex(table.name, { index })
    else builder.dropIndex(table.name, 'a', { name: index })
    table.indexes = table.indexes.filter((one) => one !== index)
  }, isFree),
  onTable((builder, table, { name }) => void addCheck(builder, table, name)),
  onTable((builder, table, { name, other }) => {
    const check = at(table.checks, other) ?? addCheck(builder, table, name)
    builder.dropCheck(
      table.name,
      check,
      other % 2 === 0 ? {} : { was: (columns) => columns.check(check, 'true') },
    )
    table.checks = table.checks.filter((one) => one !== check)
  }, isFree),
  onColumn((builder, table, column, { name }) => void addUnique(builder, table, name, column)),
  onColumn((builder, table, column, { name, other }) => {
    const unique = at(table.uniques, other) ?? addUnique(builder, table, `${name}_old`, column)
    builder.renameConstraint(table.name, unique, name)
    table.uniques = table.uniques.map((one) => (one === unique ? name : one))
  }),
  onColumn((builder, table, column, { name, other }) => {
    const unique = at(table.uniques, other) ?? addUnique(builder, table, name, column)
    builder.dropUnique(table.name, unique)
    table.uniques = table.uniques.filter((one) => one !== unique)
  }, isFree),
  onTable(
    (builder, table, { name, other }) => {
      table.columns.push(name)
      table.isBound = true
      builder.addColumn(table.name, (columns) =>
        columns.integer(name).nullable().references(table.name, 'a'),
      )
      if (other % 3 > 0) return
      builder.dropForeignKey(table.name, `${table.name}_${name}_fkey`, {
        was: (columns) => columns.foreign(name).references(table.name, 'a'),
      })
    },
    (table) => table.hasKey && has('a')(table),
  ),
  onTable((builder, table, { name }) => {
    builder.renameTable(table.name, name)
    table.name = name
  }, isFree),
  onTable((builder, table, _choice, world) => {
    builder.dropTable(table.name)
    world.tables = world.tables.filter((one) => one !== table)
  }, isFree),
  onColumn((builder, table, column, { other }) => {
    const isPlain = column.startsWith('n')
    if (!isPlain) return
    builder.dropColumn(table.name, column, { ifExists: other % 2 === 0 })
    table.columns = table.columns.filter((one) => one !== column)
    table.texts = table.texts.filter((one) => one !== column)
    // With the column went what only it held.
    table.indexes = []
    table.uniques = []
    table.isBound = true
  }, isFree),
  onTable((builder, table, { other }) => {
    const was = (value: number | null): { noDefault?: true; defaultValue?: number } =>
      value === null ? { noDefault: true } : { defaultValue: value }
    builder.setDefault(table.name, 'a', other, { was: was(table.value) })
    table.value = other
    if (other % 2 > 0) return
    builder.dropDefault(table.name, 'a', { was: was(table.value) })
    table.value = null
  }, has('a')),
]
