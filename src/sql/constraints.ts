import type { ConstraintOperation } from '../operations/constraints.ts'
import type {
  ConstraintDefinition,
  ExcludeElement,
  ForeignKeyDefinition,
  PrimaryKeyDefinition,
  QualifiedName,
  UniqueDefinition,
} from '../operations/definitions.ts'
import { columnList } from './columns.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { words } from './words.ts'

/** A constraint as it stands in CREATE TABLE and ADD CONSTRAINT. */
export function constraintDefinition(constraint: ConstraintDefinition): string {
  return words(
    `CONSTRAINT ${identifier(constraint.name)}`,
    body(constraint),
    'deferrable' in constraint &&
      constraint.deferrable &&
      `DEFERRABLE INITIALLY ${constraint.deferrable}`,
    'notValid' in constraint && constraint.notValid && 'NOT VALID',
  )
}

function body(constraint: ConstraintDefinition): string {
  switch (constraint.type) {
    case 'primaryKey':
      return key('PRIMARY KEY', constraint)
    case 'unique':
      return key(constraint.nullsNotDistinct ? 'UNIQUE NULLS NOT DISTINCT' : 'UNIQUE', constraint)
    case 'check':
      return words(`CHECK (${constraint.expression})`, constraint.noInherit && 'NO INHERIT')
    case 'foreignKey':
      return foreignKey(constraint)
    case 'exclude':
      return words(
        `EXCLUDE USING ${constraint.method} (${constraint.elements.map(excludeElement).join(', ')})`,
        constraint.where && `WHERE (${constraint.where})`,
      )
  }
}

function key(what: string, constraint: PrimaryKeyDefinition | UniqueDefinition): string {
  if (constraint.usingIndex !== undefined) {
    return `${what} USING INDEX ${identifier(constraint.usingIndex)}`
  }
  return words(
    `${what} ${columnList(constraint.columns)}`,
    constraint.include && `INCLUDE ${columnList(constraint.include)}`,
  )
}

function foreignKey(constraint: ForeignKeyDefinition): string {
  const { columns, references, match, onDelete, onUpdate } = constraint
  return words(
    `FOREIGN KEY ${columnList(columns)}`,
    `REFERENCES ${qualifiedName(references.table)} ${columnList(references.columns)}`,
    match && `MATCH ${match}`,
    onDelete && `ON DELETE ${onDelete}`,
    onUpdate && `ON UPDATE ${onUpdate}`,
  )
}

function excludeElement(element: ExcludeElement): string {
  return words(
    element.column === undefined ? `(${element.expression})` : identifier(element.column),
    element.opclass,
    `WITH ${element.with}`,
  )
}

function add(op: { table: QualifiedName; constraint: ConstraintDefinition }): string {
  return `ALTER TABLE ${qualifiedName(op.table)} ADD ${constraintDefinition(op.constraint)}`
}

function drop(op: { table: QualifiedName; name: string; cascade?: boolean }): string {
  return words(
    `ALTER TABLE ${qualifiedName(op.table)} DROP CONSTRAINT ${identifier(op.name)}`,
    op.cascade && 'CASCADE',
  )
}

export const constraintCompilers: Compilers<ConstraintOperation> = {
  addCheck: add,
  addExclude: add,
  addForeignKey: add,
  addPrimaryKey: add,
  addUnique: add,
  dropCheck: drop,
  dropExclude: drop,
  dropForeignKey: drop,
  dropPrimaryKey: drop,
  dropUnique: drop,

  renameConstraint: (op) =>
    `ALTER TABLE ${qualifiedName(op.table)} RENAME CONSTRAINT ${identifier(op.from)} TO ${identifier(op.to)}`,

  validateConstraint: (op) =>
    `ALTER TABLE ${qualifiedName(op.table)} VALIDATE CONSTRAINT ${identifier(op.name)}`,
}
