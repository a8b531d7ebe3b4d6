import { cleanTests } from '../../testing/failed/clean-tests.ts'
import type { CommonOptions } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'

export interface TestCleanOptions extends CommonOptions {
  readonly url?: string
}

/** Removes what tests have left on this machine, and says what that was. */
export async function testClean(io: Io, options: TestCleanOptions): Promise<number> {
  const { removed, left } = await cleanTests(process.cwd(), options.url)
  if (options.json) printJson(io, { removed, left })
  else for (const what of removed) io.stdout(`removed  ${what}\n`)
  for (const what of left) io.stderr(`left  ${what}\n`)
  if (removed.length === 0) io.stderr('nothing to remove\n')
  return EXIT.fine
}
