import type { NamedType } from './scope.ts'

/** What a statement came to. */
export interface Outcome {
  readonly command: string
  readonly rowCount: number | null
  readonly columns: readonly NamedType[]
  /** In the order of the columns, as pg-mem has the values. */
  readonly rows: readonly (readonly unknown[])[]
}

/** A statement that gives no rows and counts none. */
export function done(command: string): Outcome {
  return { command, rowCount: null, columns: [], rows: [] }
}
