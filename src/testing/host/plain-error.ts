import * as errors from '../../errors.ts'
import { type ErrorParts, FaasPgError } from '../../errors.ts'

/** An error as data, to cross threads and processes. */
export interface PlainError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
  /** What an error of this package is made of. */
  readonly parts: Omit<ErrorParts, 'cause'> | undefined
  readonly cause: PlainError | undefined
}

type ErrorClass = new (code: string, parts: ErrorParts) => FaasPgError

const CODE_PREFIX = 'FAASJS_PG_'

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return toPlainError(new Error(String(error)))
  const { code } = error as { code?: unknown }
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    code: typeof code === 'string' ? code : undefined,
    parts: error instanceof FaasPgError ? partsOf(error) : undefined,
    cause: error.cause === undefined ? undefined : toPlainError(error.cause),
  }
}

/** The error again: of its own class when that is one of this package, otherwise an `Error`. */
export function fromPlainError(plain: PlainError): Error {
  const cause = plain.cause && { cause: fromPlainError(plain.cause) }
  const error = reportOf(plain, cause) ?? otherError(plain, cause)
  if (plain.stack !== undefined) error.stack = plain.stack
  return error
}

function partsOf(error: FaasPgError): Omit<ErrorParts, 'cause'> {
  const { summary: what, sql, why, fix, note, details } = error
  // JSON-safe by contract; a structured clone would fail on what is not.
  const plainDetails = JSON.parse(JSON.stringify(details)) as Record<string, unknown>
  return { what, sql, why, fix, note, details: plainDetails }
}

function reportOf(plain: PlainError, cause: { cause: Error } | undefined): Error | undefined {
  const errorClass = (errors as unknown as Record<string, ErrorClass | undefined>)[plain.name]
  if (!plain.parts || !plain.code?.startsWith(CODE_PREFIX) || !errorClass) return undefined
  return new errorClass(plain.code.slice(CODE_PREFIX.length), { ...plain.parts, ...cause })
}

function otherError(plain: PlainError, cause: { cause: Error } | undefined): Error {
  const error = new Error(plain.message, cause)
  // Writable, as test runners mark errors by their name.
  Object.defineProperty(error, 'name', { value: plain.name, configurable: true, writable: true })
  if (plain.code !== undefined) Object.assign(error, { code: plain.code })
  return error
}
