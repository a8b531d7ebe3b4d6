import { MigrationFileError } from '../errors.ts'
import type { ErrorParts } from '../errors.ts'
import type { MigrationFunction } from './define-migration.ts'
import { recordSteps, stepBuilder } from './record-steps.ts'
import type { MigrationFile } from './source.ts'

/** A migration in the one form that the runner knows. */
export interface LoadedMigration {
  readonly up: MigrationFunction
  readonly down?: MigrationFunction | false
  readonly isOutside: boolean
  /** `down` runs outside a transaction. Default: as `up` does. */
  readonly isDownOutside?: boolean
  readonly lockTimeout?: string
}

/** What a file exports, by the names that matter. */
export type Exports = Readonly<Record<string, unknown>>

/**
 * Brings what a file exports into one form.
 *
 * @throws {MigrationFileError} `NO_UP_EXPORT`, `BAD_DOWN_EXPORT` or `BAD_EXPORT`.
 */
export function loadedMigration(file: MigrationFile, exports: Exports): LoadedMigration {
  const { change, down, transaction, lockTimeout, name } = exports
  if (change !== undefined && (exports['up'] !== undefined || down !== undefined)) {
    throw bad(file, 'exports "change" beside "up" or "down"', {
      why: 'change is an up whose down is derived',
      fix: 'keep change alone, or up and down',
    })
  }
  if (name !== undefined && name !== file.name) {
    throw bad(file, `says that its name is ${JSON.stringify(name)}`, {
      why: `the history records the name of the file, "${file.name}"`,
      fix: 'remove the name from the definition',
    })
  }
  if (transaction !== undefined && typeof transaction !== 'boolean') {
    throw bad(file, 'exports a "transaction" that is neither true nor false', {
      fix: 'export const transaction = false',
    })
  }
  if (lockTimeout !== undefined && !isTimeout(lockTimeout)) {
    throw bad(file, 'exports a "lockTimeout" that is no time', {
      fix: `export const lockTimeout = '5s'`,
    })
  }
  const up = direction(change ?? exports['up'], exports)
  if (!up) {
    throw new MigrationFileError('NO_UP_EXPORT', {
      what: `migration "${file.name}" has no up: ${file.path}`,
      why: 'it exports neither a function "up" nor a default object with one',
      fix: 'export function up(builder) { … }',
      details: { migration: file.name, file: file.path },
    })
  }
  return {
    up,
    ...downOf(file, down, exports),
    isOutside: transaction === false,
    ...(isTimeout(lockTimeout) && { lockTimeout }),
  }
}

function downOf(
  file: MigrationFile,
  down: unknown,
  owner: Exports,
): { down?: MigrationFunction | false } {
  if (down === undefined) return {}
  if (down === false) return { down }
  const found = direction(down, owner)
  if (found) return { down: found }
  throw new MigrationFileError('BAD_DOWN_EXPORT', {
    what: `migration "${file.name}" exports a "down" that is not a function: ${file.path}`,
    fix: 'export function down(builder) { … } — or leave it out to have it derived, or export const down = false to refuse',
    details: { migration: file.name, file: file.path },
  })
}

/** A function, or a list of steps as one; a method keeps its `this`. */
function direction(value: unknown, owner: Exports): MigrationFunction | undefined {
  if (Array.isArray(value)) return (builder) => recordSteps(builder, value)
  if (typeof value !== 'function') return undefined
  const define = value as MigrationFunction
  return async (builder, context) => {
    const returned: unknown = await define.call(owner, stepBuilder(builder), context)
    if (Array.isArray(returned)) recordSteps(builder, returned)
    return returned
  }
}

function isTimeout(value: unknown): value is string {
  return typeof value === 'string' && /^\d+(?:\s*(?:us|ms|s|min|h|d))?$/.test(value)
}

function bad(
  file: MigrationFile,
  what: string,
  parts: Pick<ErrorParts, 'fix' | 'why'>,
): MigrationFileError {
  return new MigrationFileError('BAD_EXPORT', {
    what: `migration "${file.name}" ${what}: ${file.path}`,
    ...parts,
    details: { migration: file.name, file: file.path },
  })
}
