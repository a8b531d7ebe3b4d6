import {
  type Catalog,
  type Check,
  type Column,
  type ColumnDefault,
  columnOf,
  type ForeignKey,
  type Table,
  type UniqueKey,
} from './catalog.ts'
import {
  type ColumnType,
  isInteger,
  isSameType,
  isSerial,
  printType,
  readType,
} from './column-type.ts'
import { condition } from './condition.ts'
import type { Context } from './context.ts'
import { expression } from './expression.ts'
import { readLiteral, type Stored } from './literal-value.ts'
import { placeIn } from './readers.ts'
import {
  child,
  children,
  fail,
  nameOf,
  only,
  publicName,
  refuse,
  type SqlNode,
} from './sql-node.ts'
import { type Expression, isTyped } from './typed.ts'

/** A table that is being put together. */
export interface Draft {
  readonly name: string
  readonly columns: Column[]
  readonly uniques: UniqueKey[]
  readonly checks: Check[]
  readonly foreignKeys: ForeignKey[]
  readonly indexes: Table['indexes'][number][]
}

export function draftOf(table: Table): Draft {
  return {
    name: table.name,
    columns: [...table.columns],
    uniques: [...table.uniques],
    checks: [...table.checks],
    foreignKeys: [...table.foreignKeys],
    indexes: [...table.indexes],
  }
}

/** CREATE TABLE. */
export function defineTable(node: SqlNode, context: Context): Table {
  only(node, 'CREATE TABLE', ['name', 'columns', 'constraints', 'ifNotExists'])
  const draft = draftOf({
    name: publicName(node['name']),
    columns: [],
    uniques: [],
    checks: [],
    foreignKeys: [],
    indexes: [],
  })
  const columns = children(node, 'columns')
  if (columns.length === 0) refuse('a table without columns is not emulated')
  const later = columns.flatMap((column) => addColumn(draft, column, context))
  for (const constraint of [...later, ...children(node, 'constraints')]) {
    addConstraint(draft, constraint, context.catalog)
  }
  for (const check of draft.checks) assertCheck(draft, check, context.catalog)
  return draft
}

/** Adds a column; gives those of its constraints that are the table's. */
export function addColumn(draft: Draft, node: SqlNode, context: Context): SqlNode[] {
  only(node, 'a column', ['kind', 'name', 'dataType', 'constraints'])
  if (node['kind'] !== 'column') refuse('LIKE is not emulated')
  const name = nameOf(node['name'])
  if (columnOf(draft, name)) {
    fail('42701', `column "${name}" of relation "${draft.name}" already exists`)
  }
  const dataType = child(node, 'dataType')
  const type = readType(dataType, context.catalog.enums)
  let column: Column = { name, type, isNotNull: false }
  if (isSerial(dataType)) column = { ...column, isNotNull: true, default: numbered(draft, name) }
  const later: SqlNode[] = []
  for (const constraint of children(node, 'constraints')) {
    switch (constraint.type) {
      case 'not null':
        column = { ...column, isNotNull: true }
        break
      case 'null':
        break
      case 'default':
        only(constraint, 'DEFAULT', ['default'])
        column = withDefault(column, child(constraint, 'default'), context)
        break
      case 'add generated':
        column = withIdentity(draft, column, constraint)
        break
      default:
        later.push({ ...constraint, faasjsColumn: name })
    }
  }
  draft.columns.push(column)
  return later
}

function numbered(draft: Draft, column: string): ColumnDefault {
  // By a name of its own: a table that is made anew begins with 1 again.
  return { kind: 'sequence', sequence: `${draft.name}.${column}.${crypto.randomUUID()}` }
}

function withIdentity(draft: Draft, column: Column, node: SqlNode): Column {
  only(node, 'IDENTITY', ['always'])
  if (!isInteger(column.type))
    fail('22023', 'identity column type must be smallint, integer, or bigint')
  const identity = node['always'] === 'by default' ? 'by default' : 'always'
  return { ...column, isNotNull: true, default: numbered(draft, column.name), identity }
}

export function withDefault(column: Column, node: SqlNode, context: Context): Column {
  const { default: _, ...rest } = column
  const given = defaultOf(node, column.type, context)
  return given ? { ...rest, default: given } : rest
}

function defaultOf(node: SqlNode, type: ColumnType, context: Context): ColumnDefault | undefined {
  const isNow =
    (node.type === 'call' && nameOf(node['function']) === 'now') ||
    (node.type === 'keyword' && node['keyword'] === 'current_timestamp')
  if (isNow) {
    if (type.name !== 'timestamptz' && type.name !== 'timestamp') refuse('now() as a date')
    return { kind: 'now' }
  }
  if (node.type === 'call') {
    if (nameOf(node['function']) === 'gen_random_uuid' && type.name === 'uuid')
      return { kind: 'uuid' }
    refuse(`${nameOf(node['function'])}() as a default is not emulated`)
  }
  const place = { context, scope: { sources: [] } }
  const value = constant(expression(node, place), type)
  return value === null ? undefined : { kind: 'value', value }
}

/** The value of a literal. */
function constant(given: Expression, type: ColumnType): Stored {
  if (!isTyped(given)) return given.text === null ? null : readLiteral(given.text, type)
  const { node } = given
  if (node.type === 'null') return null
  if (['integer', 'numeric', 'string', 'boolean'].includes(node.type ?? '')) {
    return readLiteral(String(node['value']), type)
  }
  const operand = node['operand'] as SqlNode | undefined
  if (node.type === 'cast' && operand?.type === 'string' && isSameType(given.type, type)) {
    return readLiteral(String(operand['value']), type)
  }
  return refuse('an expression as a default is not emulated')
}

/** Adds a constraint of a table, or one that was written at a column. */
export function addConstraint(draft: Draft, node: SqlNode, catalog: Catalog): void {
  const at = node['faasjsColumn'] as string | undefined
  const given = node['constraintName'] as SqlNode | undefined
  const name = given && nameOf(given)
  switch (node.type) {
    case 'primary key':
    case 'unique':
      only(node, 'a key', ['constraintName', 'columns', 'faasjsColumn'])
      addKey(
        draft,
        node.type,
        at === undefined ? children(node, 'columns').map(nameOf) : [at],
        name,
      )
      break
    case 'check':
      only(node, 'CHECK', ['constraintName', 'expr', 'faasjsColumn'])
      addCheck(draft, child(node, 'expr'), name)
      break
    case 'foreign key':
    case 'reference':
      addForeignKey(draft, node, at, name, catalog)
      break
    default:
      refuse(`${node.type ?? 'this constraint'} is not emulated`)
  }
}

function addKey(
  draft: Draft,
  kind: 'primary key' | 'unique',
  columns: readonly string[],
  given: string | undefined,
): void {
  const isPrimary = kind === 'primary key'
  if (isPrimary && draft.uniques.some((unique) => unique.kind === kind)) {
    fail('42P16', `multiple primary keys for table "${draft.name}" are not allowed`)
  }
  for (const name of columns) {
    const column = existing(draft, name)
    assertKey(column.type)
    if (isPrimary) draft.columns[draft.columns.indexOf(column)] = { ...column, isNotNull: true }
  }
  const name =
    given ?? (isPrimary ? `${draft.name}_pkey` : `${draft.name}_${columns.join('_')}_key`)
  draft.uniques.push({ name: fresh(draft, name), kind, columns })
}

function assertKey(type: ColumnType): void {
  const isKnown = [
    'smallint',
    'integer',
    'bigint',
    'text',
    'character varying',
    'uuid',
    'boolean',
    'date',
    'timestamp',
    'timestamptz',
    'numeric',
    'enum',
  ].includes(type.name)
  if (!isKnown) refuse(`a key over ${printType(type)} is not emulated`)
}

function existing(draft: Draft, name: string): Column {
  return columnOf(draft, name) ?? fail('42703', `column "${name}" named in key does not exist`)
}

/** A name that no other constraint of the table has. */
function fresh(draft: Draft, name: string): string {
  if (Buffer.byteLength(name) > 63) refuse(`the name "${name}" is longer than 63 bytes`)
  const taken = [...draft.uniques, ...draft.checks, ...draft.foreignKeys].map((each) => each.name)
  if (taken.includes(name)) {
    fail('42710', `constraint "${name}" for relation "${draft.name}" already exists`)
  }
  return name
}

function addCheck(draft: Draft, node: SqlNode, given: string | undefined): void {
  const columns = [...new Set(columnsIn(node))]
  const only1 = columns.length === 1 ? `_${columns[0]}` : ''
  draft.checks.push({
    name: fresh(draft, given ?? `${draft.name}${only1}_check`),
    expression: node,
  })
}

/** @throws what PostgreSQL says of a condition that it cannot read. */
export function assertCheck(table: Table, { expression: check }: Check, catalog: Catalog): void {
  condition(check, placeIn(table, catalog))
  if (/"now"|current_timestamp/.test(JSON.stringify(check))) refuse('now() in CHECK')
}

/** The columns that an expression names. */
export function columnsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(columnsIn)
  if (typeof node !== 'object' || node === null) return []
  if ((node as SqlNode).type === 'ref') return [nameOf(node)]
  return Object.values(node).flatMap(columnsIn)
}

const ACTIONS = ['no action', 'restrict', 'cascade', 'set null'] as const

function addForeignKey(
  draft: Draft,
  node: SqlNode,
  at: string | undefined,
  given: string | undefined,
  catalog: Catalog,
): void {
  const keys = ['constraintName', 'localColumns', 'foreignTable', 'foreignColumns', 'onDelete']
  // What ON UPDATE says does not matter: a column that is referred to cannot change here.
  only(node, 'a foreign key', [...keys, 'onUpdate', 'faasjsColumn'])
  const columns = at === undefined ? children(node, 'localColumns').map(nameOf) : [at]
  const locals = columns.map((column) => existing(draft, column))
  const target = publicName(node['foreignTable'])
  const table = target === draft.name ? draft : catalog.tables.get(target)
  if (!table) return fail('42P01', `relation "${target}" does not exist`)
  const named = children(node, 'foreignColumns').map(nameOf)
  const primary = table.uniques.find(({ kind }) => kind === 'primary key')
  const references = named.length > 0 ? named : (primary?.columns ?? [])
  const key = table.uniques.find(
    (unique) => !unique.index && unique.columns.join() === references.join(),
  )
  if (!key) {
    if (table.uniques.some(({ index }) => index)) refuse('a foreign key to a unique index')
    const sorted = references.toSorted().join()
    if (table.uniques.some((unique) => unique.columns.toSorted().join() === sorted)) {
      refuse('a foreign key whose columns are in another order than those of the key')
    }
    return fail(
      '42830',
      `there is no unique constraint matching given keys for referenced table "${target}"`,
    )
  }
  locals.forEach(({ type, name }, index) => {
    const other = columnOf(table, references[index] ?? '')
    const isSame =
      other && (isSameType(other.type, type) || (isInteger(other.type) && isInteger(type)))
    if (!isSame) refuse(`a foreign key from "${name}" to a column of another type`)
  })
  if (locals.length !== references.length) {
    fail('42830', 'number of referencing and referenced columns for foreign key disagree')
  }
  const onDelete = ACTIONS.find((action) => action === (node['onDelete'] ?? 'no action'))
  if (!onDelete) return refuse(`ON DELETE ${String(node['onDelete'])} is not emulated`)
  const name = fresh(draft, given ?? `${draft.name}_${columns.join('_')}_fkey`)
  draft.foreignKeys.push({ name, columns, table: target, references, onDelete })
}
