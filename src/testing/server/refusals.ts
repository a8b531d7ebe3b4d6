import {
  cstring,
  errorResponse,
  int16,
  int32,
  message,
  readyForQuery,
  type ServerError,
} from './backend-messages.ts'
import type { RunUnit } from './inbox.ts'
import { raiseStatement } from './unsupported.ts'
import type { Guest } from './visit.ts'

export const CANCELLED: ServerError = {
  severity: 'ERROR',
  code: '57014',
  message: 'canceling statement due to user request',
}

/** What to run so that the engine itself fails with an error, in the place of a unit. */
export interface Failure {
  readonly messages: readonly Buffer[]
  /** Types of the answers that the client has not asked for, at the beginning. */
  readonly extra: readonly string[]
}

/** The engine must know that a transaction has failed, so it is made to fail. */
export function failureInPlaceOf(unit: RunUnit, error: ServerError): Failure {
  const sql = raiseStatement(error)
  if (unit.simple && unit.sync) return { messages: [message('Q', cstring(sql))], extra: [] }
  return {
    messages: [
      message('P', cstring(''), cstring(sql), int16(0)),
      message('B', cstring(''), cstring(''), int16(0), int16(0), int16(0)),
      message('E', cstring(''), int32(0)),
      message(unit.sync ? 'S' : 'H'),
    ],
    extra: ['1', '2'],
  }
}

/** Answers a unit with an error, without the engine. */
export function refuseUnit(guest: Guest, unit: RunUnit, error: ServerError): void {
  for (const definition of unit.defines) guest.inbox.statements.undo(definition)
  guest.send(errorResponse(error))
  if (unit.sync) guest.send(readyForQuery('I'))
  else guest.inbox.skipToSync()
}

/** A connection whose transaction was ended from outside goes on with it. */
export function lostTransaction(unit: RunUnit, why: string): ServerError | undefined {
  // Ending what is over already, or beginning anew, is in order.
  if (/^\s*(?:rollback|abort|commit|end|begin|start)\b/i.test(unit.sql)) return undefined
  return {
    severity: 'ERROR',
    code: '25P02',
    message: `the transaction of this connection was rolled back: ${why.replace(/\.$/, '')}`,
    hint: 'Await every query of a test, and end every transaction that it begins.',
  }
}

/** A connection waits for one that is in a transaction and sends nothing. */
export function vainWait(wait: {
  /** Milliseconds. */
  readonly waited: number
  readonly waiter: string
  readonly query: string
  readonly owner: string
  readonly ownerQuery: string
  readonly oneSession?: string | undefined
}): ServerError {
  const {
    waiter,
    owner,
    oneSession = 'the embedded engine has one session for all connections',
  } = wait
  return {
    severity: 'ERROR',
    code: '55P03',
    // All of it in the message: what prints an error may leave the rest out.
    message:
      `gave up after ${Math.round(wait.waited)} ms: ${waiter} waits with "${short(wait.query)}" for ${owner}, ` +
      `which has a transaction open and sends nothing after "${short(wait.ownerQuery)}"; ` +
      oneSession,
    detail: `Waiting: ${wait.query}\nIn the transaction: ${wait.ownerQuery}`,
    hint:
      'Run this query on the connection that has the transaction, or end that first. ' +
      'Tests that need two transactions at once need a real PostgreSQL server.',
  }
}

/** A connection waits for an advisory lock that another one does not give back. */
export function vainLockWait(wait: {
  /** Milliseconds. */
  readonly waited: number
  readonly query: string
  readonly holder: string
  readonly holderQuery: string
}): ServerError {
  return {
    severity: 'ERROR',
    code: '55P03',
    message:
      `gave up after ${Math.round(wait.waited)} ms: "${short(wait.query)}" waits for an advisory lock that ` +
      `${wait.holder} holds, whose last query was "${short(wait.holderQuery)}"`,
    detail: `Waiting: ${wait.query}\nThe last query of the holder: ${wait.holderQuery}`,
    hint: 'Release the lock with pg_advisory_unlock() on the connection that took it, or end that connection.',
  }
}

/** A connection in a transaction wants an advisory lock: whoever has it cannot do anything meanwhile. */
export function lockInTransaction(holder: string, holderQuery: string): ServerError {
  return {
    severity: 'ERROR',
    code: '55P03',
    message:
      `${holder} holds this advisory lock, and cannot release it before this transaction ends ` +
      `(its last query: "${short(holderQuery)}"): ` +
      'the embedded engine has one session for all connections',
    detail: `The last query of the holder: ${holderQuery}`,
    hint:
      'Take the lock before the transaction begins. ' +
      'Tests in which a transaction waits for another connection need a real PostgreSQL server.',
  }
}

/** The engine ended in the middle of a query. */
export function brokenDown(why: string, query: string): ServerError {
  return {
    severity: 'FATAL',
    code: '57P02',
    message: `the embedded engine broke down: ${why}`,
    detail: `Query: ${query}`,
    hint: 'The test database is rebuilt; if this query is in order, report it.',
  }
}

const LONGEST = 200

function short(query: string): string {
  const line = query.replaceAll(/\s+/g, ' ').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
