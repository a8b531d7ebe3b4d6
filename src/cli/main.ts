import { readFileSync } from 'node:fs'

import { Command, CommanderError } from 'commander'

import type { CommonOptions, DatabaseOptions } from './command.ts'
import type { NewOptions } from './commands/new.ts'
import type { StatusOptions } from './commands/status.ts'
import type { TestCleanOptions } from './commands/test-clean.ts'
import type { TestServerOptions } from './commands/test-server.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import type { Io } from './io.ts'
import { printError } from './output.ts'

const URL_OPTION = [
  '--url <url>',
  'address of the database (default: the environment variable DATABASE_URL)',
] as const
const FOLDER_OPTION = [
  '--folder <path>',
  'folder of the migrations (default: src/db/migrations)',
] as const
const JSON_OPTION = ['--json', 'print the result as one JSON document'] as const

const FOOTER = `
DATABASE_URL is a server (postgres://user:password@localhost:5432/app) or an embedded
database (pglite:./.data/dev).

Exit codes: 0 fine, 1 error, 2 pending (status --exit-code), 3 history problem,
5 lock not obtained, 130 interrupted.`

/**
 * Runs the command line.
 *
 * @param argv - The arguments after the program's name.
 * @returns The exit code.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.fine
  const finish = async (work: Promise<number>): Promise<void> => {
    exitCode = await work
  }
  try {
    await program(io, finish).parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    // Help, the version, and what is wrong with the arguments have been printed already.
    if (error instanceof CommanderError) return error.exitCode
    printError(io, error, argv.includes('--json'))
    return exitCodeOf(error)
  }
}

function program(io: Io, finish: (work: Promise<number>) => Promise<void>): Command {
  const root = new Command('faasjs-pg')
    .description('Migrations for PostgreSQL')
    .version(packageVersion(), '--version')
    .helpOption('--help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', FOOTER)
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })

  // A command is imported when it is called: what one needs does not slow down another.
  command(root, 'new', 'write an empty migration')
    .argument('<name...>', 'what it does: add-email-to-users')
    .option(...FOLDER_OPTION)
    .option(...JSON_OPTION)
    .action(async (words: string[], options: NewOptions) => {
      const { newMigration } = await import('./commands/new.ts')
      await finish(newMigration(io, words, options))
    })
  databaseCommand(root, 'status', 'show applied, pending and missing migrations; writes nothing')
    .option('--exit-code', 'exit with 2 when migrations are pending, with 3 when files are missing')
    .action(async (options: StatusOptions) => {
      const { status } = await import('./commands/status.ts')
      await finish(status(io, options))
    })
  databaseCommand(root, 'migrate', 'apply everything that is pending').action(
    async (options: DatabaseOptions) => {
      const { migrate } = await import('./commands/migrate.ts')
      await finish(migrate(io, options))
    },
  )
  databaseCommand(root, 'up', 'apply the next pending migration').action(
    async (options: DatabaseOptions) => {
      const { up } = await import('./commands/migrate.ts')
      await finish(up(io, options))
    },
  )
  databaseCommand(root, 'down', 'take back the migration that was applied last').action(
    async (options: DatabaseOptions) => {
      const { down } = await import('./commands/down.ts')
      await finish(down(io, options))
    },
  )
  command(
    root,
    'test-server',
    'start a migrated test database, print its URL, and drop it on Ctrl-C',
  )
    .option(...FOLDER_OPTION)
    .option('--engine <name>', 'pglite or postgres (default: auto, what the project has installed)')
    .option('--url <url>', 'a server on which to create it')
    .option('--binaries <path>', 'folder with postgres and initdb, for a server of its own')
    .option(...JSON_OPTION)
    .action(async (options: TestServerOptions) => {
      const { testServer } = await import('./commands/test-server.ts')
      await finish(testServer(io, options))
    })
  const test = command(root, 'test', 'the databases of failed tests, which are kept')
  command(test, 'open', 'serve one, print its URL, and end that on Ctrl-C')
    .argument('[number]', 'as the text of the failure says', '1')
    .option(...JSON_OPTION)
    .action(async (number: string, options: CommonOptions) => {
      const { testOpen } = await import('./commands/test-open.ts')
      await finish(testOpen(io, Number(number), options))
    })
  command(test, 'list', 'list them, with their tests')
    .option(...JSON_OPTION)
    .action(async (options: CommonOptions) => {
      const { testList } = await import('./commands/test-list.ts')
      await finish(testList(io, options))
    })
  command(test, 'clean', 'remove them, the snapshots of migrations, and what killed runs left')
    .option('--url <url>', 'also on this server, where tests have run')
    .option(...JSON_OPTION)
    .action(async (options: TestCleanOptions) => {
      const { testClean } = await import('./commands/test-clean.ts')
      await finish(testClean(io, options))
    })
  command(root, 'sql', 'run SQL and print { command, count, rows } as JSON')
    .argument('<sql...>', 'the SQL as it is, or - to read it from standard input')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action(async (words: string[], options: DatabaseOptions) => {
      const { sql } = await import('./commands/sql.ts')
      await finish(sql(io, words, options))
    })
  return root
}

function command(root: Command, name: string, description: string): Command {
  return root.command(name).description(description).helpOption('--help', 'show help')
}

function databaseCommand(root: Command, name: string, description: string): Command {
  return command(root, name, description)
    .option(...URL_OPTION)
    .option(...FOLDER_OPTION)
    .option(...JSON_OPTION)
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
