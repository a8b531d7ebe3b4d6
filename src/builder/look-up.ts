import type { Executor } from '../database/database.ts'
import type { QualifiedName } from '../operations/definitions.ts'
import { checkIdentifier, qualifiedName } from '../sql/identifier.ts'

/** Questions to the database as it is after what has been recorded so far. */
export interface LookUp {
  hasTable(table: QualifiedName): Promise<boolean>
  hasColumn(table: QualifiedName, column: string): Promise<boolean>
}

/** Asks the database through one of its sessions. */
export function lookUp(query: Executor['query']): LookUp {
  const found = async (sql: string, params: readonly unknown[]): Promise<boolean> => {
    const { rows } = await query<{ found: boolean }>(sql, params)
    return rows[0]?.found === true
  }
  return {
    hasTable: (table) =>
      found('SELECT to_regclass($1) IS NOT NULL AS found', [qualifiedName(table)]),
    hasColumn: async (table, column) => {
      checkIdentifier(column)
      return found(
        `SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1)
         AND attname = $2 AND attnum > 0 AND NOT attisdropped) AS found`,
        [qualifiedName(table), column],
      )
    },
  }
}
