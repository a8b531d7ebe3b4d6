import { fileURLToPath } from 'node:url'

/** Frames in it are not where the test stands. */
const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url))

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
  const outside = frames.filter((frame) => !frame.includes(PACKAGE_ROOT))
  error.stack = [
    `${error.name}: ${error.message}`,
    ...(outside.length > 0 ? outside : frames),
  ].join('\n')
  return error
}

/** The statement that an error came from, where that is known. */
export function statementOf(error: Error): string | undefined {
  return statements.get(error)
}
