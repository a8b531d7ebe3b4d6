import type {
  LikeDefinition,
  PartitionBound,
  PartitionByDefinition,
  TableDefinition,
} from '../operations/definitions.ts'
import type { TableOperation } from '../operations/tables.ts'
import { columnDefinition, defaultValue } from './columns.ts'
import type { Compilers } from './compilers.ts'
import { constraintDefinition } from './constraints.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { withParameters } from './storage-parameters.ts'
import { words } from './words.ts'

export const tableCompilers: Compilers<TableOperation> = {
  attachPartition: (op) =>
    `ALTER TABLE ${qualifiedName(op.table)} ATTACH PARTITION ${qualifiedName(op.partition)} ${bound(op.bound)}`,

  createPartition: (op) =>
    words(
      `CREATE TABLE ${qualifiedName(op.table)} PARTITION OF ${qualifiedName(op.of)}`,
      bound(op.bound),
      op.partitionBy && partitionBy(op.partitionBy),
    ),

  createTable,

  detachPartition: (op) =>
    words(
      `ALTER TABLE ${qualifiedName(op.table)} DETACH PARTITION ${qualifiedName(op.partition)}`,
      op.concurrently && 'CONCURRENTLY',
    ),

  dropTable: (op) => words(`DROP TABLE ${qualifiedName(op.table)}`, op.cascade && 'CASCADE'),

  inherit: (op) => `ALTER TABLE ${qualifiedName(op.table)} INHERIT ${qualifiedName(op.parent)}`,

  noInherit: (op) =>
    `ALTER TABLE ${qualifiedName(op.table)} NO INHERIT ${qualifiedName(op.parent)}`,

  renameTable: (op) => `ALTER TABLE ${qualifiedName(op.table)} RENAME TO ${identifier(op.to)}`,

  setLogged: (op) => `ALTER TABLE ${qualifiedName(op.table)} SET LOGGED`,

  setSchema: (op) => `ALTER TABLE ${qualifiedName(op.table)} SET SCHEMA ${identifier(op.to)}`,

  setUnlogged: (op) => `ALTER TABLE ${qualifiedName(op.table)} SET UNLOGGED`,
}

function createTable(table: TableDefinition): string {
  const lines = [
    ...(table.like ?? []).map(like),
    ...table.columns.map(columnDefinition),
    ...table.constraints.map(constraintDefinition),
  ]
  return words(
    'CREATE',
    table.persistence,
    `TABLE ${qualifiedName(table.table)}`,
    lines.length === 0 ? '()' : `(\n  ${lines.join(',\n  ')}\n)`,
    table.inherits && `INHERITS (${table.inherits.map(qualifiedName).join(', ')})`,
    table.partitionBy && partitionBy(table.partitionBy),
    withParameters(table.with),
    table.onCommit && `ON COMMIT ${table.onCommit}`,
    table.tablespace !== undefined && `TABLESPACE ${identifier(table.tablespace)}`,
  )
}

function like({ table, including }: LikeDefinition): string {
  return words(`LIKE ${qualifiedName(table)}`, ...including.map((part) => `INCLUDING ${part}`))
}

function partitionBy({ strategy, keys }: PartitionByDefinition): string {
  const list = keys.map(({ column, expression }) =>
    column === undefined ? `(${expression})` : identifier(column),
  )
  return `PARTITION BY ${strategy} (${list.join(', ')})`
}

function bound(definition: PartitionBound): string {
  if ('default' in definition) return 'DEFAULT'
  if ('in' in definition) {
    return `FOR VALUES IN (${definition.in.map(defaultValue).join(', ')})`
  }
  if ('from' in definition) {
    return `FOR VALUES FROM (${definition.from.map(defaultValue).join(', ')}) TO (${definition.to.map(defaultValue).join(', ')})`
  }
  return `FOR VALUES WITH (MODULUS ${definition.modulus}, REMAINDER ${definition.remainder})`
}
