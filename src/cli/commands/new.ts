import { relative } from 'node:path'

import { createMigration } from '../../migration/create-migration.ts'
import type { CommonOptions } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { printJson } from '../output.ts'

export interface NewOptions extends CommonOptions {
  readonly folder?: string
}

/** Writes an empty migration. */
export async function newMigration(
  io: Io,
  words: readonly string[],
  options: NewOptions,
): Promise<number> {
  const created = await createMigration(words.join(' '), options.folder)
  if (options.json) printJson(io, created)
  else io.stdout(`${relative(process.cwd(), created.path)}\n`)
  if (created.isPostdated) {
    io.stderr('the newest migration is dated after now, so this one is dated just after it\n')
  }
  return EXIT.fine
}
