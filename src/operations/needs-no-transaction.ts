import type { Operation } from './operation.ts'

/**
 * Whether PostgreSQL refuses an operation inside a transaction: it is built or dropped concurrently, or
 * commits as it goes. Raw SQL is not looked at.
 */
export function needsNoTransaction(operation: Operation): boolean {
  switch (operation.kind) {
    case 'backfill':
      return true
    case 'createIndex':
    case 'detachPartition':
    case 'dropIndex':
    case 'reindex':
      return operation.concurrently === true
    case 'reversible':
      return needsNoTransaction(operation.operation)
    default:
      return false
  }
}
