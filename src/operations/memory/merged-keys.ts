import type { ConstraintDefinition } from '../definitions.ts'

/**
 * Constraints as CREATE TABLE makes them, and those that it would leave out: PostgreSQL merges keys that
 * say the same, and keeps the name of the primary key, or of the first.
 */
export function mergedKeys(constraints: readonly ConstraintDefinition[]): {
  made: ConstraintDefinition[]
  leftOut: ConstraintDefinition[]
} {
  const made: ConstraintDefinition[] = []
  const leftOut: ConstraintDefinition[] = []
  const primary = constraints.flatMap((one) => (one.type === 'primaryKey' ? keyOf(one) : []))
  const keys = new Set<string>(primary)
  for (const constraint of constraints) {
    const key = constraint.type === 'unique' ? keyOf(constraint) : undefined
    if (key !== undefined && keys.has(key)) {
      leftOut.push(constraint)
      continue
    }
    if (key !== undefined) keys.add(key)
    made.push(constraint)
  }
  return { made, leftOut }
}

function keyOf(
  constraint: Extract<ConstraintDefinition, { type: 'primaryKey' | 'unique' }>,
): string {
  const { columns, include = [], deferrable = null } = constraint
  const isNullsNotDistinct = constraint.type === 'unique' && constraint.nullsNotDistinct === true
  return JSON.stringify([columns, include, deferrable, isNullsNotDistinct])
}
