export interface SessionOptions {
  /** SQL that gives the session the settings of a new one. */
  readonly freshSession: string
  /** Milliseconds a connection may wait for a transaction in which nothing happens. */
  readonly waitLimit: number
  /** Why there is one session for all connections; that of the embedded engine unless given. */
  readonly oneSession?: string
  /** The engine is beyond use. `use` another one; until then everybody waits. */
  readonly onBroken: (reason: string) => void
}
