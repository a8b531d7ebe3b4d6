import { interruptible, withMigrator } from '../command.ts'
import type { DatabaseOptions } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { eventPrinter, printJson } from '../output.ts'

/** Takes back what was applied last. */
export async function down(io: Io, options: DatabaseOptions): Promise<number> {
  const result = await interruptible(io, (signal) =>
    withMigrator(
      io,
      options,
      (migrator) => migrator.down({ signal }),
      eventPrinter(io, options.json === true),
    ),
  )
  if (options.json) printJson(io, result)
  if (result.reverted.length === 0) io.stderr('nothing to take back: the history is empty\n')
  return EXIT.fine
}
