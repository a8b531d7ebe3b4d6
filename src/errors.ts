/** Everything a `FaasPgError` is made of besides its code. */
export interface ErrorParts {
  /** What happened, in one line that stands alone: lower-case, names in double quotes. */
  readonly what: string
  /** The failing SQL, when there is one. */
  readonly sql?: string | undefined
  /** Why it happened. */
  readonly why?: string | undefined
  /** What to do next: a command or code to paste where possible. */
  readonly fix: string
  /** What was left behind or undone. */
  readonly note?: string | undefined
  /** Facts for programs: migration, statement number, SQLSTATE, position, … JSON-safe. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  /** The error below this one, kept as it was thrown. */
  readonly cause?: unknown
}

/**
 * The codes, without their prefix, by the class that carries them. `docs/errors.md` lists each of
 * them; a test keeps both in step.
 */
export const ERROR_CODES = {
  ConfigError: [
    'BAD_OPTION',
    'BAD_URL',
    'CONNECTION_FAILED',
    'DATA_DIRECTORY_IN_USE',
    'ENGINE_CAPABILITY',
    'MISSING_PEER',
    'NO_DATABASE',
    'NO_DATABASE_URL',
    'NO_POSTGRES',
    'NOT_A_TEST_DATABASE',
    'TOO_FEW_CONNECTIONS',
  ],
  BuilderError: [
    'ASYNC_BUILDER',
    'BAD_DEFINITION',
    'BAD_IDENTIFIER',
    'BAD_VALUE',
    'DUPLICATE_COLUMN',
    'DUPLICATE_CONSTRAINT',
    'NEEDS_NO_TRANSACTION',
    'UNKNOWN_COLUMN',
    'UNKNOWN_INDEX',
    'UNKNOWN_TYPE',
  ],
  MigrationFileError: [
    'BAD_DOWN_EXPORT',
    'BAD_EXPORT',
    'BAD_MIGRATION_NAME',
    'BAD_SQL',
    'DUPLICATE_MIGRATION',
    'FOLDER_NOT_FOUND',
    'LOAD_FAILED',
    'MIGRATION_NOT_FOUND',
    'MIGRATION_THREW',
    'NO_UP_EXPORT',
  ],
  HistoryError: ['ALREADY_APPLIED', 'HISTORY_CHANGED', 'MISSING_FILE'],
  StatementError: [
    'CONNECTION_LOST',
    'INTERRUPTED',
    'STATEMENT_FAILED',
    'TRANSACTION_ENDED',
    'TRANSACTION_OPEN',
  ],
  IrreversibleError: ['IRREVERSIBLE'],
  LockError: ['LOCK_HELD', 'LOCK_LOST'],
  TestDatabaseError: [
    'CONCURRENT_TESTS',
    'IDENTITY_REFUSED',
    'LEAKED_STATEMENT',
    'LEAKED_TRANSACTION',
    'MATCHER_MISUSED',
    'NOT_EMULATED',
    'NOT_IN_VITEST',
    'NOT_KEPT',
    'NOT_ONE_ROW',
    'NOT_REVERSIBLE',
    'PG_TEST_MISPLACED',
    'RESET_FAILED',
    'SEED_FAILED',
    'SEED_NOT_KEPT',
    'SERVER_ENDED',
    'SERVER_NOT_STARTED',
    'SNAPSHOT_FAILED',
    'SNAPSHOT_UNUSABLE',
    'TEST_DATABASE_FAILED',
    'TEST_TRANSACTION_OPEN',
  ],
} as const

type Codes = typeof ERROR_CODES

/** A code with its prefix, as `error.code` carries it. */
export type ErrorCode = `FAASJS_PG_${Codes[keyof Codes][number]}`

/**
 * Base of every error this package throws on purpose.
 *
 * `message` is the whole report (what, sql, why, fix, note); `summary` is its first line without the
 * code. The error below it, a driver's error for example, stays as `cause`.
 */
export abstract class FaasPgError<Kind extends keyof Codes = keyof Codes> extends Error {
  /** What to look up in `docs/errors.md`. */
  readonly code: ErrorCode
  /** What happened, in one line. */
  readonly summary: string
  readonly sql: string | undefined
  readonly why: string | undefined
  readonly fix: string
  readonly note: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: Codes[Kind][number], parts: ErrorParts) {
    const full = `FAASJS_PG_${code}` as ErrorCode
    super(report(full, parts), 'cause' in parts ? { cause: parts.cause } : undefined)
    this.code = full
    this.summary = parts.what
    this.sql = parts.sql
    this.why = parts.why
    this.fix = parts.fix
    this.note = parts.note
    this.details = parts.details ?? {}
  }

  static {
    // On the prototype, so that printing an error does not list its name as a property.
    Object.defineProperty(this.prototype, 'name', {
      value: 'FaasPgError',
      configurable: true,
      writable: true,
    })
  }

  /** The facts of the report, for `--json`. */
  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      what: this.summary,
      sql: this.sql,
      why: this.why,
      fix: this.fix,
      note: this.note,
      ...(Object.keys(this.details).length > 0 ? { details: this.details } : {}),
    }
  }
}

function report(code: string, parts: ErrorParts): string {
  const lines = [`${code}  ${parts.what}`]
  for (const label of ['sql', 'why', 'fix', 'note'] as const) {
    const text = parts[label]
    if (text) lines.push(`  ${label.padEnd(4)} ${text.replaceAll('\n', '\n       ')}`)
  }
  return lines.join('\n')
}

/** The set-up cannot work: options, URLs, missing packages, an unreachable server. */
export class ConfigError extends FaasPgError<'ConfigError'> {}

/** A builder call makes no sense. Thrown by that call, where the user stands. */
export class BuilderError extends FaasPgError<'BuilderError'> {}

/** A migration file, or the folder of them, cannot be used. */
export class MigrationFileError extends FaasPgError<'MigrationFileError'> {}

/** Migration files and history table disagree. */
export class HistoryError extends FaasPgError<'HistoryError'> {}

/**
 * PostgreSQL rejected a statement. `details` holds `sqlState`, `position`, `statement` (its number),
 * `migration` and `source` (the line that recorded it) where they are known; `cause` is the driver's
 * error.
 */
export class StatementError extends FaasPgError<'StatementError'> {
  /** The five-character SQLSTATE, when PostgreSQL gave one. */
  get sqlState(): string | undefined {
    const state = this.details['sqlState']
    return typeof state === 'string' ? state : undefined
  }
}

/** An operation has no inverse, so a `down` cannot be derived. */
export class IrreversibleError extends FaasPgError<'IrreversibleError'> {}

/** The migration lock was not obtained, or was lost. */
export class LockError extends FaasPgError<'LockError'> {}

/** A test database cannot be prepared or reset. */
export class TestDatabaseError extends FaasPgError<'TestDatabaseError'> {}

for (const errorClass of [
  ConfigError,
  BuilderError,
  MigrationFileError,
  HistoryError,
  StatementError,
  IrreversibleError,
  LockError,
  TestDatabaseError,
]) {
  Object.defineProperty(errorClass.prototype, 'name', {
    value: errorClass.name,
    configurable: true,
    // Test runners and consoles mark errors by their name.
    writable: true,
  })
}
