import type { QualifiedName } from './definitions.ts'

/** What changes a table. */
export interface OnTable {
  readonly table: QualifiedName
}

/** What changes one column of a table. */
export interface OnColumn extends OnTable {
  readonly column: string
}
