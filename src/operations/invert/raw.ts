import type { OtherOperation } from '../raw.ts'
import type { Inverters } from './inverters.ts'
import { irreversible } from './recorded.ts'

export const rawInverters: Inverters<OtherOperation> = {
  // What the rows had before is not known, and a column that is dropped takes it along.
  backfill: () => undefined,
  raw: (operation) => {
    if (operation.down === undefined) throw irreversible(operation, 'the SQL that undoes it')
    return { kind: 'raw', sql: operation.down, down: operation.sql }
  },
  reversible: ({ undo }) => undo,
}
