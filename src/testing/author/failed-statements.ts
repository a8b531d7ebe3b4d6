// The server's errors do not say what was sent.
const statements = new WeakMap<Error, string>()

/**
 * Remembers the statement that an error came from, and passes the error on, with a stack that leads to the test:
 * that of a driver ends inside of it.
 *
 * @param trace - Made where the statement was asked for.
 */
export function noteStatement(error: unknown, sql: string, trace: Error): unknown {
  if (!(error instanceof Error) || statements.has(error)) return error
  statements.set(error, sql)
  const frames = trace.stack?.split('\n').slice(1) ?? []
  error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n')
  return error
}

/** The statement that an error came from, where that is known. */
export function statementOf(error: Error): string | undefined {
  return statements.get(error)
}
