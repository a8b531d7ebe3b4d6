import { sealBuilder, setLookUp, sourceLine, takeRecorded } from '../builder/recorded.ts'
import type { RecordedOperation } from '../builder/recorded.ts'
import { SchemaBuilder } from '../builder/schema-builder.ts'
import { FaasPgError, IrreversibleError, MigrationFileError, StatementError } from '../errors.ts'
import { invert } from '../operations/invert.ts'
import { withMemory } from '../operations/memory/schema-memory.ts'
import type { MigrationContext, MigrationFunction } from './define-migration.ts'
import { abandonable } from './interruption.ts'
import type { LoadedMigration } from './loaded-migration.ts'
import { MigrationDb } from './migration-db.ts'

/** What gives the function of a migration its second argument, and knows what has stayed. */
export interface Surroundings {
  context(builder: SchemaBuilder): MigrationContext
  kept(): string | undefined
}

/** Runs `up` on a builder of its own and returns what it has recorded and not run itself. */
export function recordUp(
  name: string,
  migration: LoadedMigration,
  surroundings: Surroundings,
  signal?: AbortSignal,
): Promise<RecordedOperation[]> {
  return recordWith(name, 'up', migration.up, surroundings, signal)
}

/**
 * What takes a migration back: what its `down` records, or the inverse of what its `up` records.
 *
 * @throws {IrreversibleError} when `down` is `false`, when an operation has no inverse, or when `up`
 *   works on rows.
 */
export async function recordDown(
  name: string,
  migration: LoadedMigration,
  surroundings: Surroundings,
  signal?: AbortSignal,
): Promise<RecordedOperation[]> {
  if (migration.down) return recordWith(name, 'down', migration.down, surroundings, signal)
  if (migration.down === false) {
    throw new IrreversibleError('IRREVERSIBLE', {
      what: `migration "${name}" refuses to be taken back`,
      why: 'it says: export const down = false',
      fix: `write a migration that undoes it: npx faasjs-pg new undo-${name.replace(/^\d+-/, '')}`,
      details: { migration: name },
    })
  }
  const onlySchema: Surroundings = {
    context: () => ({ db: new MigrationDb(() => refuseRows(name)) }),
    kept: () => undefined,
  }
  return invertRecorded(name, await recordUp(name, migration, onlySchema, signal))
}

/** To derive a `down`, `up` is recorded without running: it cannot have rows then. */
function refuseRows(name: string): Promise<never> {
  return Promise.reject(
    new IrreversibleError('IRREVERSIBLE', {
      what: `migration "${name}" cannot be taken back: its up works on rows`,
      why: 'what it does to them is not recorded',
      fix: 'write "export function down(builder, { db })", or refuse on purpose with "export const down = false"',
      note: 'nothing was changed',
      details: { migration: name },
    }),
  )
}

async function recordWith(
  name: string,
  direction: 'up' | 'down',
  define: MigrationFunction,
  surroundings: Surroundings,
  signal: AbortSignal | undefined,
): Promise<RecordedOperation[]> {
  const builder = new SchemaBuilder()
  const limit = Error.stackTraceLimit
  let db: MigrationDb | undefined
  // An error of the builder begins with a dozen frames of its own: the line of the migration is below.
  Error.stackTraceLimit = Math.max(limit, STACK_FRAMES)
  try {
    // An async wrapper: what is thrown at once and what is rejected later end in the same place.
    const context = surroundings.context(builder)
    db = context.db
    setLookUp(builder, context.db)
    await abandonable(signal, (async () => define(builder, context))())
    return takeRecorded(builder)
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error
    // A statement that failed has said so in full.
    if (error instanceof StatementError || error instanceof IrreversibleError) throw error
    throw threw(name, direction, error, surroundings.kept())
  } finally {
    Error.stackTraceLimit = limit
    sealBuilder(builder, `migration "${name}"`)
    if (db) MigrationDb.seal(db, `migration "${name}"`)
  }
}

const STACK_FRAMES = 30

function threw(
  name: string,
  direction: 'up' | 'down',
  error: unknown,
  kept: string | undefined,
): MigrationFileError {
  const source = error instanceof Error ? sourceLine(error) : undefined
  const isOurs = error instanceof FaasPgError
  return new MigrationFileError('MIGRATION_THREW', {
    what: `migration "${name}" threw in ${direction}${source === undefined ? '' : ` at ${source}`}`,
    why: isOurs
      ? [error.summary, error.why].filter(Boolean).join('\n')
      : error instanceof Error
        ? `${error.name}: ${error.message}`
        : `it threw ${String(error)}`,
    fix: isOurs ? error.fix : `correct the ${direction} function of the migration`,
    note: kept ?? 'nothing of it was applied',
    details: {
      migration: name,
      ...(source !== undefined && { source }),
      ...(isOurs && { code: error.code }),
    },
    cause: error,
  })
}

function invertRecorded(name: string, recorded: readonly RecordedOperation[]): RecordedOperation[] {
  try {
    const completed = withMemory(recorded.map(({ operation }) => operation))
    // A failure names the line that recorded what is undone.
    return completed
      .map((operation, index) => ({ operation, trace: recorded[index]?.trace }))
      .toReversed()
      .flatMap(({ operation, trace }) =>
        invert(operation).map((undo) => ({ operation: undo, trace })),
      )
  } catch (error) {
    if (!(error instanceof IrreversibleError)) throw error
    throw new IrreversibleError('IRREVERSIBLE', {
      what: `migration "${name}" cannot be taken back: ${error.summary}`,
      why: error.why,
      fix: error.fix,
      note: 'nothing was changed',
      details: { ...error.details, migration: name },
      cause: error,
    })
  }
}
