import { BuilderError } from '../errors.ts'
import type { IndexDefinition, IndexKey, IndexMethod } from '../operations/definitions.ts'
import { generatedName } from '../operations/generated-name.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { parseColumns } from './names.ts'
import type { NameInput } from './names.ts'
import { assertMethod, assertOneOf, collation, expression } from './parse.ts'
import { isSql } from './sql-fragment.ts'
import type { Sql } from './sql-fragment.ts'

/** A key with its options. */
export interface IndexKeyOptions {
  /** A column, or with `expression` instead anything computed from the row. */
  readonly column?: string
  readonly expression?: string | Sql
  /** The operator class, as SQL writes it: `'text_pattern_ops'`. */
  readonly opclass?: string
  readonly collate?: NameInput
  /** Default: `asc`. */
  readonly order?: 'asc' | 'desc'
  /** Where NULLs are sorted. Default: `last` for `asc`, `first` for `desc`. */
  readonly nulls?: 'first' | 'last'
}

/** One key of an index: a column's name, an expression, or either with options. */
export type IndexKeyInput = string | Sql | IndexKeyOptions

/** One key, or several in their order. */
export type IndexKeysInput = IndexKeyInput | readonly IndexKeyInput[]

/** What an index is besides its keys. */
export interface IndexOptions {
  /** Default: `idx_<table>_<columns>`. */
  readonly name?: string
  /** Allows each combination of values once. Default: `false`. */
  readonly unique?: boolean
  /** The index method. Default: PostgreSQL's own, `btree`. */
  readonly indexType?: IndexMethod
  /** Only rows for which this holds are in the index. */
  readonly where?: string | Sql
  /** Columns that the index carries without being part of its key. */
  readonly include?: string | readonly string[]
  /** Two NULLs count as equal (PostgreSQL 15 and later). Default: `false`. */
  readonly nullsNotDistinct?: boolean
  /** Storage parameters: `{ fillfactor: 70 }`. */
  readonly with?: Readonly<Record<string, string | number | boolean>>
  readonly tablespace?: string
  /** Not on the partitions of a partitioned table. Default: `false`. */
  readonly only?: boolean
}

/** The index that these options describe on a table of this name. */
export function indexDefinition(
  table: string,
  input: IndexKeysInput,
  options: IndexOptions,
): IndexDefinition {
  const keys = parseKeys(input)
  const { unique = false, indexType, where, include, tablespace } = options
  if (tablespace !== undefined) checkIdentifier(tablespace)
  return {
    name: indexName(table, input, options.name),
    keys,
    unique,
    ...(indexType !== undefined && { method: assertMethod(indexType) }),
    ...(include !== undefined && { include: parseColumns(include) }),
    ...(options.nullsNotDistinct && { nullsNotDistinct: true }),
    ...(options.with && { with: { ...options.with } }),
    ...(tablespace !== undefined && { tablespace }),
    ...(where !== undefined && { where: expression(where, 'where') }),
    ...(options.only && { only: true }),
  }
}

/** The name an index on these keys has; expressions count as `expr`, as PostgreSQL says it. */
export function indexName(table: string, input: IndexKeysInput, name?: string): string {
  if (name !== undefined) {
    checkIdentifier(name)
    return name
  }
  return generatedName(['idx', table, ...parseKeys(input).map(({ column }) => column ?? 'expr')])
}

function parseKeys(input: IndexKeysInput): IndexKey[] {
  const keys = (isList(input) ? input : [input]).map(parseKey)
  const columns = keys.flatMap(({ column }) => column ?? [])
  if (keys.length === 0 || columns.length > 0) parseColumns(columns)
  return keys
}

function parseKey(input: IndexKeyInput): IndexKey {
  if (typeof input === 'string') return { column: input }
  if (isSql(input)) return { expression: input.sql }
  const { column, opclass, collate, order, nulls } = input
  if ((column === undefined) === (input.expression === undefined)) {
    throw new BuilderError('BAD_DEFINITION', {
      what: 'a key of an index is a column or an expression',
      fix: "write { column: 'name' } or { expression: 'lower(name)' }",
    })
  }
  return {
    ...(column !== undefined && { column }),
    ...(input.expression !== undefined && { expression: expression(input.expression, 'index') }),
    ...(opclass !== undefined && { opclass: expression(opclass, 'opclass') }),
    ...(collate !== undefined && { collate: collation(collate) }),
    ...(order && { order: assertOneOf('order', ['ASC', 'DESC'], order) }),
    ...(nulls && { nulls: assertOneOf('nulls', ['FIRST', 'LAST'], nulls) }),
  }
}

function isList(input: IndexKeysInput): input is readonly IndexKeyInput[] {
  return Array.isArray(input)
}
