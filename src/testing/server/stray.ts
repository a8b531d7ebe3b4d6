/** A transaction that was ended from outside. */
export interface Stray {
  /** The connection that left it open. */
  readonly connection: string
  /** What it ran last. */
  readonly query: string
}
