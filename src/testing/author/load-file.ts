import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { parseName } from '../../builder/names.ts'
import { queryError } from '../../builder/statement-error.ts'
import { TestDatabaseError } from '../../errors.ts'
import { qualifiedName } from '../../sql/identifier.ts'
import { splitStatements } from '../../sql/split-statements.ts'
import { parseCsv } from './parse-csv.ts'
import type { TestDb } from './test-db.ts'

type Row = Record<string, unknown>

// Columns that a sequence of their own numbers.
const SEQUENCES = `
SELECT quote_ident(a.attname) AS column, pg_get_serial_sequence($1, a.attname) AS sequence
FROM pg_attribute a
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
  AND pg_get_serial_sequence($1, a.attname) IS NOT NULL`

/** Reads a file into a database: see `TestDb.load`. */
export async function loadFile(
  db: TestDb<object>,
  file: string | URL,
  table: string | undefined,
): Promise<void> {
  const path = typeof file === 'string' ? file : fileURLToPath(file)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unusable(path, 'cannot be read', 'paths are relative to the working directory', cause)
  })
  const extension = extname(path)
  const name = table ?? basename(path, extension)
  if (extension === '.sql') await runSql(db, path, text)
  else if (extension === '.csv') await insert(db, name, csvRows(path, text))
  else if (extension === '.json') {
    for (const [target, rows] of rowsOf(path, name, text)) await insert(db, target, rows)
  } else throw unusable(path, 'is of no known kind', 'load a .sql, .csv or .json file')
}

async function runSql(db: TestDb<object>, path: string, text: string): Promise<void> {
  for (const { sql, line } of splitStatements(text)) {
    try {
      await db.raw(sql)
    } catch (error) {
      throw queryError(error, sql, `${path}:${line}`, {})
    }
  }
}

function rowsOf(path: string, name: string, text: string): [table: string, rows: Row[]][] {
  const content = parseJson(path, text)
  if (Array.isArray(content)) return [[name, content]]
  const tables = typeof content === 'object' && content !== null ? Object.entries(content) : []
  if (tables.length > 0 && tables.every(([, rows]) => Array.isArray(rows))) {
    return tables as [string, Row[]][]
  }
  throw unusable(path, 'holds no rows', 'write { "table": [{ "column": "value" }] }')
}

function csvRows(path: string, text: string): Row[] {
  try {
    return parseCsv(text)
  } catch (cause) {
    throw unusable(path, 'is no CSV', 'correct it', cause)
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unusable(path, 'is no JSON', 'correct it', cause)
  }
}

async function insert(db: TestDb<object>, table: string, rows: readonly Row[]): Promise<void> {
  await db.insertMany(table, rows)
  // Rows with ids of their own would be in the way of the next one without.
  const target = qualifiedName(parseName(table))
  const sequences = await db.query<{ column: string; sequence: string }>(SEQUENCES, [target])
  for (const { column, sequence } of sequences) {
    await db.query(
      `SELECT setval($1::regclass, highest) FROM (SELECT max(${column}) AS highest FROM ${target}) found,
         pg_sequence WHERE seqrelid = $1::regclass AND seqincrement > 0
         AND highest > coalesce(pg_sequence_last_value($1::regclass), 0) AND highest >= seqmin`,
      [sequence],
    )
  }
}

function unusable(path: string, what: string, fix: string, cause?: unknown): TestDatabaseError {
  return new TestDatabaseError('SEED_FAILED', {
    what: `${path} ${what}`,
    why: cause instanceof Error ? cause.message : undefined,
    fix,
    details: { file: path },
    ...(cause !== undefined && { cause }),
  })
}
