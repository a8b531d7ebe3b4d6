import { expect, test } from 'vitest'

import { StatementError } from '../../src/errors.ts'
import { fromPlainError, toPlainError } from '../../src/testing/host/plain-error.ts'
import { type Handlers, Rpc } from '../../src/testing/host/rpc.ts'

type Remote = {
  readonly double: (value: number) => number
  readonly fail: (argument: undefined) => never
}

/** Two ends of one channel that carries JSON. */
function pair(handlers: Handlers): { near: Rpc<Remote>; far: Rpc<Remote> } {
  const near: Rpc<Remote> = new Rpc({ send: (message) => deliver(far, message) })
  const far: Rpc<Remote> = new Rpc({ send: (message) => deliver(near, message) }, handlers)
  return { near, far }
}

function deliver(to: Rpc<Remote>, message: unknown): void {
  const text = JSON.stringify(message)
  queueMicrotask(() => to.receive(JSON.parse(text)))
}

const failure = new StatementError('STATEMENT_FAILED', {
  what: 'it failed',
  fix: 'mend it',
  details: { sqlState: '42601' },
  cause: new TypeError('below'),
})

test('calls the other side, in any order', async () => {
  const { near } = pair({ double: async (value: number) => value * 2 })
  expect(await Promise.all([near.call('double', 2), near.call('double', 4)])).toEqual([4, 8])
  expect(near.pending).toBe(0)
})

test('an error keeps its name, code, report, details and cause', async () => {
  const { near } = pair({
    fail: () => {
      throw failure
    },
  })
  const error = await near.call('fail', undefined).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(StatementError)
  expect(error).toMatchObject({
    name: 'StatementError',
    code: 'FAASJS_PG_STATEMENT_FAILED',
    summary: 'it failed',
    message: failure.message,
    details: { sqlState: '42601' },
    cause: { name: 'TypeError', message: 'below' },
  })
  // Across a second channel it is still the same.
  expect(toPlainError(error)).toEqual(toPlainError(fromPlainError(toPlainError(failure))))
})

test('what is no error becomes one', () => {
  expect(toPlainError('text')).toMatchObject({ name: 'Error', message: 'text' })
})

test('a call that nothing answers to is refused', async () => {
  const { near } = pair({})
  await expect(near.call('double', 1)).rejects.toThrow('nothing answers to "double"')
})

test('who waits when the channel closes gets the reason, and so does who comes later', async () => {
  const { near } = pair({ double: () => new Promise<number>(() => {}) })
  const waiting = near.call('double', 1)
  near.close(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  await expect(near.call('double', 1)).rejects.toThrow('gone')
})
