import { text } from 'node:stream/consumers'

import { statementError } from '../../builder/statement-error.ts'
import { StatementFailure } from '../../database/database.ts'
import { openDatabase } from '../../database/open.ts'
import { FaasPgError } from '../../errors.ts'
import { databaseUrl } from '../command.ts'
import type { DatabaseOptions } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { Io } from '../io.ts'

/**
 * Runs SQL as it is written and prints `{ command, count, rows }` as JSON.
 *
 * @param words - The SQL; a single `-` reads it from standard input.
 */
export async function sql(
  io: Io,
  words: readonly string[],
  options: DatabaseOptions,
): Promise<number> {
  const url = databaseUrl(io, options)
  const query = words.length === 1 && words[0] === '-' ? await text(io.stdin) : words.join(' ')
  const database = await openDatabase(url)
  try {
    const { command, rowCount, rows } = await database.query(query)
    io.stdout(`${JSON.stringify({ command, count: rowCount, rows: rows.map(readable) })}\n`)
    return EXIT.fine
  } catch (error) {
    throw error instanceof FaasPgError ? error : failure(query, error)
  } finally {
    await database.close()
  }
}

function failure(query: string, error: unknown): Error {
  const position = error instanceof Error ? Number(Reflect.get(error, 'position')) : Number.NaN
  return statementError(
    new StatementFailure(0, Number.isInteger(position) ? position : undefined, error),
    [{ operation: { kind: 'raw', sql: query }, trace: undefined }],
  )
}

/** JSON has neither bytes nor 64-bit integers: both are written as PostgreSQL writes them. */
function readable(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value instanceof Uint8Array) return [name, `\\x${Buffer.from(value).toString('hex')}`]
      return [name, typeof value === 'bigint' ? String(value) : value]
    }),
  )
}
