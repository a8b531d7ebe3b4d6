import { failedFolder, listKept } from '../../testing/failed/kept-database.ts'
import type { CommonOptions } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'
import { factsOf, timeOf } from './test-open.ts'

/** Lists the databases of failed tests that are kept. */
export async function testList(io: Io, options: CommonOptions): Promise<number> {
  const all = [...(await listKept(failedFolder()))]
  if (options.json) {
    printJson(
      io,
      all.map(([number, kept]) => ({ number, ...factsOf(kept) })),
    )
  } else {
    for (const [number, kept] of all) {
      io.stdout(`${number}  ${timeOf(kept)}  ${kept.name}\n`)
      if (kept.error !== '') io.stdout(`   ${kept.error}\n`)
    }
  }
  if (all.length === 0) io.stderr('no database of a failed test is kept in this folder\n')
  return EXIT.fine
}
