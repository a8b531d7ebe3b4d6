import { relative } from 'node:path'

import type { Database } from '../../database/database.ts'
import { FaasPgError, TestDatabaseError } from '../../errors.ts'
import { LiveRun } from '../../migration/live-run.ts'
import { loadMigration } from '../../migration/load.ts'
import { recordUp } from '../../migration/record-operations.ts'
import type { MigrationFile } from '../../migration/source.ts'

/** Applies migrations, each in a transaction; without a history, which nobody could read. */
export async function migrateMemory(
  database: Database,
  files: readonly MigrationFile[],
): Promise<void> {
  for (const file of files) {
    const migration = await loadMigration(file)
    const { isOutside } = migration
    const session = await database.session()
    const live = new LiveRun({
      session,
      migration: file.name,
      isOutside,
      open: () => session.run(isOutside ? [] : ['BEGIN']),
      close: () => session.run(isOutside ? [] : ['COMMIT']),
      note: '',
    })
    try {
      await live.finish(await recordUp(file.name, migration, live))
    } catch (error) {
      throw named(error, file)
    } finally {
      await session.release()
    }
  }
}

/** What is not emulated is told with its own code, and with the migration it is in. */
function named(error: unknown, file: MigrationFile): unknown {
  if (!(error instanceof FaasPgError)) return error
  const cause: unknown = error.code === 'FAASJS_PG_NOT_EMULATED' ? error : error.cause
  if (!(cause instanceof TestDatabaseError) || cause.code !== 'FAASJS_PG_NOT_EMULATED') return error
  const source = error.details['source']
  const at = typeof source === 'string' ? source : relative(process.cwd(), file.path)
  return new TestDatabaseError('NOT_EMULATED', {
    what: `pg-mem cannot run migration "${file.name}" at ${at} as PostgreSQL does`,
    sql: cause.sql,
    why: cause.why,
    fix: cause.fix,
    note: 'there is no database: not all migrations were applied',
    details: { ...cause.details, migration: file.name, source: at },
    cause,
  })
}
