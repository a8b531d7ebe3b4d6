import { failedFolder, type KeptDatabase } from '../../testing/failed/kept-database.ts'
import { openKept } from '../../testing/failed/open-kept.ts'
import type { CommonOptions } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'
import { untilStopped } from '../until-stopped.ts'

/** Serves the kept database of a failed test until Ctrl-C, and prints its URL. */
export async function testOpen(io: Io, number: number, options: CommonOptions): Promise<number> {
  return await untilStopped(io, async (stopped) => {
    const opened = await openKept(failedFolder(), number)
    try {
      const { kept, url, isCopy } = opened
      if (options.json) printJson(io, { url, ...factsOf(kept) })
      else io.stdout(`${url}\n`)
      io.stderr(`${kept.name}\nfailed at ${timeOf(kept)}: ${kept.error}\n`)
      io.stderr(
        isCopy
          ? 'Ctrl-C ends it; what you change is not kept\n'
          : 'It is on its server until it is cleaned; Ctrl-C ends this command\n',
      )
      await stopped
    } finally {
      await opened.close()
    }
    return EXIT.fine
  })
}

/** What programs are told of a kept database. */
export function factsOf({ name, error, at }: KeptDatabase): {
  test: string
  error: string
  at: string
} {
  return { test: name, error, at }
}

/** In the zone of whoever looks. */
export function timeOf({ at }: KeptDatabase): string {
  const time = new Date(at)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ')
}
