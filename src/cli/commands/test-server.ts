import { createTestDatabase } from '../../testing/create-test-database.ts'
import type { CommonOptions } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'
import { untilStopped } from '../until-stopped.ts'

export interface TestServerOptions extends CommonOptions {
  readonly folder?: string
  readonly engine?: string
  readonly url?: string
  readonly binaries?: string
}

/** Starts a migrated test database, prints its URL, and keeps it until Ctrl-C. */
export async function testServer(io: Io, options: TestServerOptions): Promise<number> {
  const { folder, engine, url, binaries, json } = options
  return await untilStopped(io, async (stopped) => {
    await using database = await createTestDatabase({
      ...(folder !== undefined && { migrations: folder }),
      // Another word is refused there, with a list of those that are known.
      ...(engine !== undefined && { engine: engine as 'auto' }),
      ...(url !== undefined && { url }),
      ...(binaries !== undefined && { binaries }),
    })
    if (json) printJson(io, { url: database.url })
    else io.stdout(`${database.url}\n`)
    io.stderr('Ctrl-C ends it, and drops the database\n')
    await stopped
    return EXIT.fine
  })
}
