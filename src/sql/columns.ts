import { BuilderError } from '../errors.ts'
import type { ColumnOperation } from '../operations/columns.ts'
import type {
  ColumnDefinition,
  DefaultDefinition,
  IdentityDefinition,
  QualifiedName,
} from '../operations/definitions.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { literal } from './literal.ts'
import { words } from './words.ts'

/** A column as it stands in CREATE TABLE and ADD COLUMN. */
export function columnDefinition(column: ColumnDefinition): string {
  const { generated } = column
  if (column.type === '') throw unknownType(column)
  return words(
    identifier(column.name),
    column.type,
    column.collate && `COLLATE ${qualifiedName(column.collate)}`,
    column.default && `DEFAULT ${defaultValue(column.default)}`,
    generated &&
      `GENERATED ALWAYS AS (${generated.expression}) ${generated.stored ? 'STORED' : 'VIRTUAL'}`,
    column.identity && identityClause(column.identity),
    !column.nullable && 'NOT NULL',
  )
}

export function columnList(columns: readonly string[]): string {
  return `(${columns.map(identifier).join(', ')})`
}

/** A default as it stands after DEFAULT, and a value of a partition's bound. */
export function defaultValue(definition: DefaultDefinition): string {
  if ('value' in definition) return literal(definition.value)
  // The grammar takes only a restricted expression here, so all but plain calls need parentheses.
  const isPlain = /^[\w.]+(\([^()]*\))?$/.test(definition.sql)
  return isPlain ? definition.sql : `(${definition.sql})`
}

export const columnCompilers: Compilers<ColumnOperation> = {
  addColumn: (op) =>
    `ALTER TABLE ${qualifiedName(op.table)} ADD COLUMN ${columnDefinition(op.column)}`,

  addIdentity: (op) => alterColumn(op, `ADD ${identityClause(op.identity)}`),

  alterColumnType: (op) =>
    alterColumn(
      op,
      words(
        `SET DATA TYPE ${op.type}`,
        op.collate && `COLLATE ${qualifiedName(op.collate)}`,
        op.using && `USING ${op.using}`,
        op.isCast && `USING ${identifier(op.column)}::${op.type}`,
      ),
    ),

  dropColumn: (op) =>
    words(
      `ALTER TABLE ${qualifiedName(op.table)} DROP COLUMN`,
      op.ifExists && 'IF EXISTS',
      identifier(op.column),
      op.cascade && 'CASCADE',
    ),

  dropDefault: (op) => alterColumn(op, 'DROP DEFAULT'),

  dropIdentity: (op) => alterColumn(op, 'DROP IDENTITY'),

  fill: (op) => {
    const column = identifier(op.column)
    return `UPDATE ${qualifiedName(op.table)} SET ${column} = ${defaultValue(op.value)} WHERE ${column} IS NULL`
  },

  renameColumn: (op) =>
    `ALTER TABLE ${qualifiedName(op.table)} RENAME COLUMN ${identifier(op.from)} TO ${identifier(op.to)}`,

  setDefault: (op) => alterColumn(op, `SET DEFAULT ${defaultValue(op.default)}`),

  setNotNull: (op) => alterColumn(op, 'SET NOT NULL'),

  setNullable: (op) => alterColumn(op, 'DROP NOT NULL'),

  setStorage: (op) => alterColumn(op, `SET STORAGE ${op.storage}`),
}

function alterColumn(op: { table: QualifiedName; column: string }, change: string): string {
  return `ALTER TABLE ${qualifiedName(op.table)} ALTER COLUMN ${identifier(op.column)} ${change}`
}

function identityClause({ mode, start, increment }: IdentityDefinition): string {
  const options = words(
    start !== undefined && `START WITH ${start}`,
    increment !== undefined && `INCREMENT BY ${increment}`,
  )
  return words(`GENERATED ${mode} AS IDENTITY`, options !== '' && `(${options})`)
}

function unknownType({ name, typeOf = [] }: ColumnDefinition): BuilderError {
  const keys = typeOf.map(({ table, column }) => `${qualifiedName(table)}.${identifier(column)}`)
  return new BuilderError('UNKNOWN_TYPE', {
    what: `the type of column "${name}" is not known yet`,
    why: `it is that of ${keys.join(' and ')}, which is looked up when the change runs`,
    fix: `give it to have it in SQL that does not run: { type: 'uuid' }`,
    details: { column: name },
  })
}
