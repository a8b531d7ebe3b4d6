import { cstring, message } from './backend-messages.ts'
import { firstError, textRows } from './replies.ts'

/** The one PostgreSQL session that all connections share. */
export interface Engine {
  /**
   * Runs messages of the wire protocol and returns the answer.
   *
   * The engine is synchronous: nothing else of this thread runs meanwhile, and it must never be
   * given messages that leave it waiting for more.
   */
  exec(messages: readonly Buffer[]): Promise<Buffer>
  /** The same, of an engine that has the answer before it returns. */
  readonly execAtOnce?: ((messages: readonly Buffer[]) => Buffer) | undefined
  /**
   * Clients' transactions are parts of one: advisory locks are held by all, and the unnamed statement does not
   * outlive a unit.
   */
  readonly isOneTransaction?: boolean
  /** Breaks off what runs, where that is possible. */
  cancel?(): void
}

/** The engine rejected what this server wanted of it. */
export class EngineError extends Error {
  /** SQLSTATE. */
  readonly code: string

  constructor(fields: ReadonlyMap<string, string>) {
    super(fields.get('M'))
    this.code = fields.get('C') ?? ''
  }
}

/**
 * Runs a simple query of the server's own and returns its rows as text.
 *
 * @throws {EngineError} when a statement fails.
 */
export async function queryEngine(engine: Engine, sql: string): Promise<(string | null)[][]> {
  const answer = await engine.exec([message('Q', cstring(sql))])
  const error = firstError(answer)
  if (error) throw new EngineError(error)
  return textRows(answer)
}
