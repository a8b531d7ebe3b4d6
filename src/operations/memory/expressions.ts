import type { ConstraintDefinition, IndexDefinition } from '../definitions.ts'

/** The pieces of SQL in a constraint; names of columns in an exclusion are quoted there. */
export function textsOfConstraint(constraint: ConstraintDefinition): string[] {
  if (constraint.type === 'check') return [constraint.expression]
  if (constraint.type !== 'exclude') return []
  const parts = constraint.elements.flatMap(({ column, expression }) =>
    column === undefined ? (expression ?? []) : `"${column}"`,
  )
  return constraint.where === undefined ? parts : [...parts, constraint.where]
}

/** The pieces of SQL in an index. */
export function textsOfIndex(index: IndexDefinition): string[] {
  const expressions = index.keys.flatMap(({ expression }) => expression ?? [])
  return index.where === undefined ? expressions : [...expressions, index.where]
}
