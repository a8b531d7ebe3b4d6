import { BuilderError } from '../errors.ts'

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}

/** Refuses what an async callback returns. */
export function assertSync(method: string, returned: unknown): void {
  if (!isThenable(returned)) return
  // Its own error, if it has one, belongs to nobody any more.
  returned.then(undefined, () => undefined)
  throw lateCall(method)
}

/** A callback went on after it had returned. */
export function lateCall(method: string): BuilderError {
  return new BuilderError('ASYNC_BUILDER', {
    what: `the callback of ${method} must not be async`,
    why: 'what it describes is recorded when it returns, so later calls would be lost',
    fix: 'await what you need before the call, and make the callback a plain function',
  })
}
