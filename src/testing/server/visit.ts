import type { ServerError } from './backend-messages.ts'
import type { Belongings } from './belongings.ts'
import type { Inbox } from './inbox.ts'

/** What the session needs to know of a connection. */
export interface Guest {
  /** The process id it was told, which its notifications carry. */
  readonly id: number
  /** How messages call it: `connection 3 (psql)`. */
  readonly label: string
  readonly inbox: Inbox
  /** SQL that gives a fresh session this connection's own settings. */
  readonly settings: string
  /** It does not take its answers as fast as they come: nothing more is run for it until it does. */
  readonly congested: boolean
  /** Sends the answer; does nothing when the client has gone. */
  send(bytes: Buffer): void
  /** Ends the connection. */
  end(): void
  /** Ends the connection with an error. */
  fail(error: ServerError): void
}

/** A connection as the session sees it. */
export interface Visit {
  readonly guest: Guest
  /** What is its own in the session; undefined before its first statement. */
  belongings: Belongings | undefined
  /** When it began to wait for its turn. */
  waitingSince: number
  /** What it ran last, for messages. */
  query: string
  /** Its sequence failed before its Sync: the engine skips the rest. */
  failed: boolean
  /** It has begun a sequence that no Sync has ended. */
  inSequence: boolean
  /** A cancel request came for its next unit. */
  cancelled: boolean
  /** Why its transaction is gone, to be told to it once. */
  lost: string | undefined
}

export function newVisit(guest: Guest): Visit {
  return {
    guest,
    belongings: undefined,
    waitingSince: 0,
    query: '',
    failed: false,
    inSequence: false,
    cancelled: false,
    lost: undefined,
  }
}

/** It takes its answers, and nothing is to be told to it before the next one. */
export function isUntroubled({ guest, failed, cancelled, lost }: Visit): boolean {
  return !guest.congested && !failed && !cancelled && lost === undefined
}
