import type { ListedMigration } from '../../migration/plan.ts'
import { DEFAULT_FOLDER } from '../../migration/source.ts'
import { withMigrator } from '../command.ts'
import type { DatabaseOptions } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'

export interface StatusOptions extends DatabaseOptions {
  readonly exitCode?: boolean
}

/** Shows where every migration stands. Writes nothing. */
export async function status(io: Io, options: StatusOptions): Promise<number> {
  const migrations = await withMigrator(io, options, (migrator) => migrator.list())
  const count = (state: ListedMigration['state']): number =>
    migrations.filter((migration) => migration.state === state).length
  const counts = {
    applied: count('applied'),
    pending: count('pending'),
    missing: count('missing'),
  }
  if (options.json) printJson(io, { ...counts, migrations })
  else printList(io, migrations, options.folder ?? DEFAULT_FOLDER)
  io.stderr(`${counts.applied} applied, ${counts.pending} pending, ${counts.missing} missing\n`)
  if (!options.exitCode) return EXIT.fine
  if (counts.missing > 0) return EXIT.history
  return counts.pending > 0 ? EXIT.pending : EXIT.fine
}

function printList(io: Io, migrations: readonly ListedMigration[], folder: string): void {
  if (migrations.length === 0) io.stderr(`no migrations in ${folder}\n`)
  io.stdout(migrations.map((migration) => `${line(migration)}\n`).join(''))
}

function line({ state, name, migration_time: time }: ListedMigration): string {
  const when = time
    ? time
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z')
    : ''
  return `${state}  ${when.padEnd(20)}  ${name}`
}
