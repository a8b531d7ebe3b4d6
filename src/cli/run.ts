import type { Io } from './io.ts'
import { main } from './main.ts'
import { printError } from './output.ts'

/**
 * Runs the command line as a process of its own: what a migration leaves loose fails the process, and
 * it cannot end early and look like a success.
 *
 * @returns The exit code.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let isDone = false
  process.once('uncaughtException', (error) => {
    isDone = true
    printError(io, error, argv.includes('--json'))
    // Whatever is under way has lost its ground; the server rolls it back with the connection.
    process.exit(1)
  })
  process.once('exit', (code) => {
    if (isDone || code !== 0) return
    io.stderr(
      'the process was ended by the code it ran: a migration must not call process.exit()\n',
    )
    process.exitCode = 1
  })
  try {
    return await main(argv, io)
  } finally {
    isDone = true
  }
}
