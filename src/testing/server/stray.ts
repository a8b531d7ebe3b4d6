import type { OpenQuery } from './open-query.ts'

/** What a test left behind: a transaction, or a statement that it did not wait for. */
export interface Stray {
  readonly kind: 'transaction' | 'statement'
  /** The connection that left it. */
  readonly connection: string
  /** The statement; of a transaction, what it ran last. */
  readonly query: string
}

/** Statements that nobody waited for. Those of a connection that has been named already go with it. */
export function unawaited(queries: readonly OpenQuery[], named: readonly Stray[]): Stray[] {
  const connections = new Set(named.map(({ connection }) => connection))
  return [...new Set(queries)]
    .map((query) => query.toLogged())
    .filter(({ connection }) => !connections.has(connection))
    .map(({ connection, sql }) => ({ kind: 'statement', connection, query: sql }))
}
