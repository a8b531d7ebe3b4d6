import type { Backfill, Raw } from '../raw.ts'
import type { Describers } from './describers.ts'
import { firstLine, full, list } from './words.ts'

export const rawDescribers: Describers<Backfill | Raw> = {
  backfill: (op) =>
    `fill ${list(Object.keys(op.set))} of table ${full(op.table)} in batches of ${op.batchSize}`,
  raw: (op) => `run SQL: ${firstLine(op.sql)}`,
}
