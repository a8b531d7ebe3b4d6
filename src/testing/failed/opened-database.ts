/** A kept database that clients can look at. */
export interface OpenedDatabase {
  readonly url: string
  /** Ends it; what is kept stays. */
  close(): Promise<void>
}
