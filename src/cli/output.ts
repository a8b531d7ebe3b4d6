import { FaasPgError } from '../errors.ts'
import type { MigrationEvent } from '../migration/events.ts'
import { describeHolder } from '../migration/lock-holder.ts'
import type { Io } from './io.ts'

/** Prints a result for programs: one document. */
export function printJson(io: Io, value: unknown): void {
  io.stdout(`${JSON.stringify(value, undefined, 2)}\n`)
}

/** Prints an error: for people always, for programs where they asked. */
export function printError(io: Io, error: unknown, asJson: boolean): void {
  if (error instanceof FaasPgError) {
    io.stderr(`${error.message}\n`)
    if (asJson) printJson(io, { error: error.toJSON() })
    return
  }
  // Not foreseen: the stack is what helps to find out.
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  io.stderr(`${text}\n`)
  if (asJson) printJson(io, { error: { what: error instanceof Error ? error.message : text } })
}

/** `12 ms`, `3.4 s` */
export function duration(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`
}

/** Prints what a run tells while it goes on. */
export function eventPrinter(io: Io, asJson: boolean): (event: MigrationEvent) => void {
  return (event) => {
    if (event.kind === 'waiting') {
      io.stderr(`waiting for another migration run: ${describeHolder(event.holder)}\n`)
    } else if (!asJson) {
      const rows = event.dynamic ? '  (worked on rows)' : ''
      io.stdout(`${event.kind}  ${event.name}  ${duration(event.durationMs)}${rows}\n`)
    }
  }
}

/** Warns of rows of the history that have no file. */
export function warnOfMissing(io: Io, missing: readonly string[]): void {
  for (const name of missing) io.stderr(`missing  ${name}: in the history, but there is no file\n`)
}
