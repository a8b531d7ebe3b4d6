import type { SchemaBuilder } from '../../../src/builder/schema-builder.ts'
import { at } from '../world.ts'
import type { Change, Choice, Table, World } from '../world.ts'

/** Makes a table that the other changes can go on with. */
export const makeTable: Change = (builder, world, { name, other }) => {
  const hasKey = other % 2 === 0
  builder.createTable(name, (table) => {
    const first = table.integer('a').defaultTo(other)
    if (hasKey) first.primary()
    table.enum('b', ['x', 'y']).nullable().defaultTo('y')
    table.index('b')
    if (other % 3 === 0) table.comment("it's a table")
  })
  world.tables.push({
    name,
    columns: ['a', 'b'],
    indexes: [`idx_${name}_b`],
    checks: [],
    uniques: [],
    texts: [],
    hasKey,
    value: other,
    isBound: false,
  })
}

/** A change of a table, one that `isFit` where there is any; where there is none at all, of a new one. */
export function onTable(
  change: (builder: SchemaBuilder, table: Table, choice: Choice, world: World) => void,
  isFit: (table: Table) => boolean = () => true,
): Change {
  return (builder, world, choice) => {
    if (world.tables.length === 0) {
      makeTable(builder, world, { ...choice, name: `${choice.name}_table` })
    }
    const table = at(world.tables.filter(isFit), choice.pick)
    if (table) change(builder, table, choice, world)
  }
}

export function onColumn(
  change: (builder: SchemaBuilder, table: Table, column: string, choice: Choice) => void,
  isFit?: (table: Table) => boolean,
): Change {
  return onTable((builder, table, choice) => {
    const column = at(table.columns, choice.other)
    if (column !== undefined) change(builder, table, column, choice)
  }, isFit)
}
