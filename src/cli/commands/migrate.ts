import type { MigrateResult } from '../../migration/migrator.ts'
import { interruptible, withMigrator } from '../command.ts'
import type { DatabaseOptions } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { duration, eventPrinter, printJson, warnOfMissing } from '../output.ts'

/** Applies everything that is pending. */
export function migrate(io: Io, options: DatabaseOptions): Promise<number> {
  return apply(io, options, 'migrate')
}

/** Applies the next pending migration. */
export function up(io: Io, options: DatabaseOptions): Promise<number> {
  return apply(io, options, 'up')
}

async function apply(io: Io, options: DatabaseOptions, verb: 'migrate' | 'up'): Promise<number> {
  const start = performance.now()
  const result = await interruptible(io, (signal) =>
    withMigrator(
      io,
      options,
      (migrator) => migrator[verb]({ signal }),
      eventPrinter(io, options.json === true),
    ),
  )
  warnOfMissing(io, result.missing)
  if (options.json) printJson(io, result)
  else io.stderr(summary(result, performance.now() - start))
  return EXIT.fine
}

function summary({ applied, pending }: MigrateResult, elapsed: number): string {
  if (applied.length === 0) return 'nothing is pending\n'
  const left = pending.length > 0 ? `, ${pending.length} still pending` : ''
  return `${applied.length} applied in ${duration(elapsed)}${left}\n`
}
