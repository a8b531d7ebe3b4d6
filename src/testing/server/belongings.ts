/** A relation or function of `pg_temp`. */
export interface Temporary {
  readonly oid: string
  readonly name: string
  /** As `ALTER` and `DROP` call it. */
  readonly kind: string
  /** Of a function, in parentheses; otherwise empty. */
  readonly arguments: string
}

/** What belongs to one connection in the session that all share. */
export interface Belongings {
  /** The number of the connection. */
  readonly id: number
  /** SQL that gives a fresh session the settings the connection began with. */
  readonly initialSettings: string
  /** The same for those that it has in every test: a reset goes back to them. */
  kept: string
  /** The same for those it had last. */
  settings: string
  /** It has done nothing yet but change settings. */
  isNew: boolean
  /** What its statements may have changed since that was looked at (`Touch`). */
  touched: number
  /** Its temporary relations, which have other names while others have the session. */
  temporaries: readonly Temporary[]
  /** It may have advisory locks. */
  hasLocks: boolean
}
