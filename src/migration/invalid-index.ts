import type { Session } from '../database/database.ts'
import type { Operation } from '../operations/operation.ts'
import { qualifiedName } from '../sql/identifier.ts'
import { literal } from '../sql/literal.ts'

/**
 * A concurrent build that fails leaves its index behind, invalid: it costs writes, serves no query,
 * and stands in the way of the next try. Before such a build that leftover is dropped.
 */
export async function dropInvalidIndex(session: Session, operation: Operation): Promise<void> {
  if (operation.kind !== 'createIndex' || !operation.concurrently) return
  const { table, index } = operation
  const name = qualifiedName({ ...table, name: index.name })
  const { rows } = await session.query<{ invalid: boolean }>(
    `SELECT NOT indisvalid AS invalid FROM pg_index
     WHERE indexrelid = to_regclass(${literal(name)}) AND indrelid = to_regclass(${literal(qualifiedName(table))})`,
  )
  if (rows[0]?.invalid) await session.run([`DROP INDEX CONCURRENTLY ${name}`])
}

/** What a failed concurrent build may have left behind. */
export function invalidIndexNote(operation: Operation): string | undefined {
  if (operation.kind !== 'createIndex' || !operation.concurrently) return undefined
  return `index "${operation.index.name}" may be there now, invalid; the next run of this migration drops it and builds it anew`
}
