import type { IndexKey } from '../operations/definitions.ts'
import type { IndexOperation } from '../operations/indexes.ts'
import { columnList } from './columns.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { withParameters } from './storage-parameters.ts'
import { words } from './words.ts'

export const indexCompilers: Compilers<IndexOperation> = {
  createIndex: ({ table, index, concurrently }) =>
    words(
      `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX`,
      concurrently && 'CONCURRENTLY',
      identifier(index.name),
      index.only ? 'ON ONLY' : 'ON',
      qualifiedName(table),
      index.method && `USING ${index.method}`,
      `(${index.keys.map(indexKey).join(', ')})`,
      index.include && `INCLUDE ${columnList(index.include)}`,
      index.nullsNotDistinct && 'NULLS NOT DISTINCT',
      withParameters(index.with),
      index.tablespace !== undefined && `TABLESPACE ${identifier(index.tablespace)}`,
      index.where && `WHERE ${index.where}`,
    ),

  // An index lives in the schema of its table.
  dropIndex: ({ table, name, concurrently }) =>
    words('DROP INDEX', concurrently && 'CONCURRENTLY', qualifiedName({ ...table, name })),

  reindex: ({ target, concurrently }) =>
    words(
      `REINDEX ${'index' in target ? 'INDEX' : 'TABLE'}`,
      concurrently && 'CONCURRENTLY',
      qualifiedName('index' in target ? target.index : target.table),
    ),

  renameIndex: ({ table, from, to }) =>
    `ALTER INDEX ${qualifiedName({ ...table, name: from })} RENAME TO ${identifier(to)}`,
}

function indexKey(key: IndexKey): string {
  return words(
    key.column === undefined ? `(${key.expression})` : identifier(key.column),
    key.collate && `COLLATE ${qualifiedName(key.collate)}`,
    key.opclass,
    key.order,
    key.nulls && `NULLS ${key.nulls}`,
  )
}
