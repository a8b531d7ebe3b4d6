import { readFile } from 'node:fs/promises'

import { enqueue, record } from '../builder/recorded.ts'
import type { SchemaBuilder } from '../builder/schema-builder.ts'
import { MigrationFileError } from '../errors.ts'
import { splitStatements } from '../sql/split-statements.ts'
import type { SqlStatement } from '../sql/split-statements.ts'
import type { Migration } from './define-migration.ts'
import { sqlParts, wholeFile } from './sql-parts.ts'
import type { SqlPart, SqlParts } from './sql-parts.ts'

/** The SQL files of one migration. */
export interface SqlFiles {
  /** Absolute path of the file with `up`, or with both. */
  readonly up: string
  /** Absolute path of the file with `down`, where it is one of its own. */
  readonly down?: string | undefined
}

/** A migration of SQL files, which may say for one direction only that it runs outside. */
export interface SqlMigration extends Migration {
  /** `down` runs outside a transaction. Default: as `up` does. */
  readonly isDownOutside?: true
}

/**
 * Reads a migration of SQL files. Each statement is recorded on its own, with its line.
 *
 * @throws {MigrationFileError} `BAD_SQL` naming file and line for what PostgreSQL cannot run.
 */
export async function loadSqlMigration(files: SqlFiles): Promise<SqlMigration> {
  const parts = sqlParts(files.up, await readFile(files.up, 'utf8'))
  const [downPath, down] = await downOf(files, parts)
  return {
    up: statementsOf(files.up, parts.up),
    ...(down && { down: statementsOf(downPath, down) }),
    ...(parts.up.isOutside && { transaction: false }),
    ...(down?.isOutside && { isDownOutside: true as const }),
  }
}

async function downOf(
  files: SqlFiles,
  { down }: SqlParts,
): Promise<[path: string, down: SqlPart | undefined]> {
  if (files.down === undefined) return [files.up, down]
  if (down) {
    throw new MigrationFileError('BAD_SQL', {
      what: `${files.up} has a "-- down" besides ${files.down}`,
      why: 'a migration has one down',
      fix: 'keep one of them',
      details: { file: files.up },
    })
  }
  const sql = await readFile(files.down, 'utf8')
  return [files.down, wholeFile(sql)]
}

function statementsOf(path: string, part: SqlPart): (builder: SchemaBuilder) => void {
  const statements = split(path, part)
  return (builder) => {
    enqueue(
      builder,
      statements.map(({ sql, line }) => record({ kind: 'raw', sql }, traceOf(path, line))),
    )
  }
}

function split(path: string, { sql, line: first }: SqlPart): SqlStatement[] {
  try {
    return splitStatements(sql).map((one) => ({ sql: one.sql, line: one.line + first - 1 }))
  } catch (error) {
    if (!(error instanceof MigrationFileError)) throw error
    const line = Number(error.details['line']) + first - 1
    throw new MigrationFileError('BAD_SQL', {
      what: `${path}:${line} ${error.summary.replace(/^line \d+ /, '')}`,
      sql: error.sql,
      why: error.why,
      fix: error.fix,
      details: { file: path, line },
      cause: error,
    })
  }
}

/** A trace that leads to a line of an SQL file, as a stack leads to one of a module. */
function traceOf(path: string, line: number): Error {
  const trace = new Error('recorded here')
  trace.stack = `Error: recorded here\n    at ${path}:${line}:1`
  return trace
}
