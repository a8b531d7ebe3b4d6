import type { Vitest } from 'vitest/node'

/** What `test.onUnhandledError` of Vitest's configuration is: `false` leaves an error out. */
export type UnhandledErrorFilter = (error: never) => boolean | void

/** SQLSTATEs `admin_shutdown` and `crash_shutdown`, and what `pg` makes of the end that follows: what a client hears of its session's end. */
const ENDED: readonly unknown[] = ['57P01', '57P02']
const CLOSED = 'Connection terminated unexpectedly'
const WRAPPED = 'ERR_UNHANDLED_ERROR'

// Per process, as Vitest may create one plugin for the configuration and others for projects.
let areEnded = false

const told = new WeakSet<object>()

/** Tests run on a server, where a reset ends the sessions that a test has left in a transaction. */
export function expectEndedSessions({ version, state }: Vitest): void {
  areEnded = true
  // Vitest 3 has no option that leaves errors out.
  if (!version.startsWith('3.') || told.has(state)) return
  told.add(state)
  const catchError = state.catchError.bind(state)
  state.catchError = (error, type) => {
    if (!isOfEndedSession(error)) catchError(error, type)
  }
}

/**
 * Leaves out the errors of clients whose sessions a reset has ended. A pool without a listener throws them where
 * nobody can catch them; who left the transaction open is told otherwise.
 */
export function forgiveEndedSessions({
  onUnhandledError,
}: {
  readonly onUnhandledError?: UnhandledErrorFilter
}): UnhandledErrorFilter {
  return (error: unknown) =>
    areEnded && isOfEndedSession(error) ? false : onUnhandledError?.(error as never)
}

function isOfEndedSession(error: unknown): boolean {
  const { code, message, context } = (error ?? {}) as Partial<Record<string, unknown>>
  // Where a pool has a context of its own for modules, its errors are none to Node, which wraps them.
  if (code === WRAPPED) return isOfEndedSession(context)
  return ENDED.includes(code) || message === CLOSED
}
