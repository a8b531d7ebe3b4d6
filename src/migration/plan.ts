import { HistoryError } from '../errors.ts'
import { compareNames } from './source.ts'
import type { MigrationFile } from './source.ts'

/** A row of the history table. */
export interface AppliedMigration {
  readonly name: string
  readonly migration_time: Date
}

/** What a run will do. A plain value: nothing has happened yet. */
export interface MigrationPlan {
  /** The files to apply or to take back, in this order. */
  readonly steps: readonly MigrationFile[]
  /** Files not in the history that the run leaves for later. */
  readonly remaining: readonly string[]
  /** Names in the history that have no file. */
  readonly missing: readonly string[]
}

/** Decides what a run does. The history is in the order of recording. */
export type Planner = (
  files: readonly MigrationFile[],
  history: readonly AppliedMigration[],
) => MigrationPlan

/** Plans to apply everything that is pending. */
export function planMigrate(
  files: readonly MigrationFile[],
  history: readonly AppliedMigration[],
): MigrationPlan {
  return {
    steps: pendingFiles(files, history),
    remaining: [],
    missing: missingNames(files, history),
  }
}

/** Plans to apply the first file that is pending, whatever is in the history after it. */
export function planUp(
  files: readonly MigrationFile[],
  history: readonly AppliedMigration[],
): MigrationPlan {
  const [next, ...rest] = pendingFiles(files, history)
  return {
    steps: next ? [next] : [],
    remaining: rest.map(({ name }) => name),
    missing: missingNames(files, history),
  }
}

/**
 * Plans to take back what was recorded last.
 *
 * @param history - In the order of recording.
 * @throws {HistoryError} `MISSING_FILE` when its file is gone.
 */
export function planDown(
  files: readonly MigrationFile[],
  history: readonly AppliedMigration[],
): MigrationPlan {
  const last = history.at(-1)
  const file = files.find(({ name }) => name === last?.name)
  if (last && !file) {
    throw new HistoryError('MISSING_FILE', {
      what: `migration "${last.name}" cannot be taken back: its file is missing`,
      why: 'it is the latest in the history, and no file in the folder has its name',
      fix: `bring the file back, for example: git log --all --diff-filter=D -- '*${last.name}*'`,
      details: { migration: last.name },
    })
  }
  return {
    steps: file ? [file] : [],
    remaining: pendingFiles(files, history).map(({ name }) => name),
    missing: missingNames(files, history),
  }
}

/** A migration and where it stands. */
export interface ListedMigration {
  readonly name: string
  readonly state: 'applied' | 'pending' | 'missing'
  /** Absolute path; none when the file is missing. */
  readonly file?: string
  /** When it was applied; none while it is pending. */
  readonly migration_time?: Date
}

/** Every migration there is a file or a row for, in the order of their names. */
export function listMigrations(
  files: readonly MigrationFile[],
  history: readonly AppliedMigration[],
): ListedMigration[] {
  const times = new Map(history.map((row) => [row.name, row.migration_time]))
  const listed = files.map(({ name, path }): ListedMigration => {
    const time = times.get(name)
    return times.has(name)
      ? { name, state: 'applied', file: path, ...(time && { migration_time: time }) }
      : { name, state: 'pending', file: path }
  })
  const missing = missingNames(files, history).map((name): ListedMigration => {
    const time = times.get(name)
    return { name, state: 'missing', ...(time && { migration_time: time }) }
  })
  return [...listed, ...missing].toSorted((a, b) => compareNames(a.name, b.name))
}

function pendingFiles(
  files: readonly MigrationFile[],
  history: readonly AppliedMigration[],
): MigrationFile[] {
  const applied = new Set(history.map(({ name }) => name))
  return files.filter(({ name }) => !applied.has(name))
}

function missingNames(
  files: readonly MigrationFile[],
  history: readonly AppliedMigration[],
): string[] {
  const present = new Set(files.map(({ name }) => name))
  return history.map(({ name }) => name).filter((name) => !present.has(name))
}
