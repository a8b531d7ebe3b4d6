import { parseName } from '../../../builder/names.ts'
import { qualifiedName } from '../../../sql/identifier.ts'
import type { TestDb } from '../test-db.ts'
import { databaseOf, type MatcherContext, sentence, type Verdict } from './context.ts'

/** What a column is to be like; what is left out does not count. */
export interface ColumnExpectation {
  /** As PostgreSQL or a migration writes it: `'text'`, `'varchar(320)'`, `'int[]'`. */
  readonly type?: string
  readonly nullable?: boolean
  /** The expression as PostgreSQL writes it; null for none. */
  readonly default?: string | null
}

export interface IndexExpectation {
  readonly unique?: boolean
}

interface Column {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly default: string | null
}

const COLUMNS = `
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
  pg_get_expr(d.adbin, d.adrelid) AS default
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`

const INDEXES = `
SELECT pg_get_indexdef(i.indexrelid) AS definition, i.indisunique AS unique,
  ARRAY(SELECT pg_get_indexdef(i.indexrelid, position, true)
    FROM generate_series(1, i.indnkeyatts) position) AS keys
FROM pg_index i WHERE i.indrelid = to_regclass($1) ORDER BY 1`

const FOREIGN_KEYS = `
SELECT pg_get_constraintdef(oid) AS definition, confrelid = to_regclass($2) AS hits,
  ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY k (number, position)
    JOIN pg_attribute ON attrelid = conrelid AND attnum = k.number ORDER BY position) AS columns
FROM pg_constraint WHERE conrelid = to_regclass($1) AND contype = 'f' ORDER BY 1`

const TABLES = `
SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^(pg_|information_schema$|faasjs_pg)' ORDER BY 1`

const IS_TABLE = `
SELECT FROM pg_class WHERE oid = to_regclass($1) AND relkind IN ('r', 'p', 'f')`

export async function toHaveTable(
  context: MatcherContext,
  received: unknown,
  table: string,
): Promise<Verdict> {
  const db = databaseOf(received, 'toHaveTable')
  const pass = (await db.query(IS_TABLE, [target(table)])).length > 0
  const tables = (await db.query<{ name: string }>(TABLES)).map(({ name }) => name)
  return {
    pass,
    message: () =>
      `${sentence(context, 'the database', `to have the table "${table}"`)}\n\nIt has${list(tables)}`,
  }
}

export async function toHaveColumn(
  context: MatcherContext,
  received: unknown,
  table: string,
  name: string,
  expected: ColumnExpectation = {},
): Promise<Verdict> {
  const db = databaseOf(received, 'toHaveColumn')
  const columns = await db.query<Column>(COLUMNS, [target(table)])
  const column = columns.find((other) => other.name === name)
  const wanted = { ...expected }
  if (typeof wanted.type === 'string') wanted.type = await normalType(db, wanted.type)
  const found =
    column && Object.fromEntries(Object.keys(wanted).map((key) => [key, Reflect.get(column, key)]))
  const pass = found !== undefined && context.equals(found, wanted)
  return {
    pass,
    message: () => {
      const like = Object.keys(wanted).length > 0 ? ` like this` : ''
      const what = sentence(context, `"${table}"`, `to have the column "${name}"${like}`)
      if (pass) return what
      if (found) return `${what}\n\n${context.utils.diff(wanted, found)}`
      const others = columns.map((other) => other.name)
      return `${what}\n\n${others.length > 0 ? `It has${list(others)}` : 'There is no such table'}`
    },
  }
}

export async function toHaveIndex(
  context: MatcherContext,
  received: unknown,
  table: string,
  columns: string | readonly string[],
  expected: IndexExpectation = {},
): Promise<Verdict> {
  const db = databaseOf(received, 'toHaveIndex')
  const indexes = await db.query<{ definition: string; unique: boolean; keys: string[] }>(INDEXES, [
    target(table),
  ])
  const keys = typeof columns === 'string' ? [columns] : columns
  const pass = indexes.some(
    (index) =>
      context.equals(index.keys.map(unquoted), keys) &&
      (expected.unique === undefined || index.unique === expected.unique),
  )
  const definitions = indexes.map(({ definition }) => definition)
  return {
    pass,
    message: () => {
      const unique = { true: 'a unique', false: 'an index that is not unique:' }
      const kind = expected.unique === undefined ? 'an' : unique[`${expected.unique}`]
      const what = expected.unique === false ? kind : `${kind} index`
      return `${sentence(context, `"${table}"`, `to have ${what} on ${keys.join(', ')}`)}\n\nIt has${list(definitions)}`
    },
  }
}

export async function toHaveForeignKey(
  context: MatcherContext,
  received: unknown,
  table: string,
  columns: string | readonly string[],
  referenced: string,
): Promise<Verdict> {
  const db = databaseOf(received, 'toHaveForeignKey')
  const found = await db.query<{ definition: string; hits: boolean; columns: string[] }>(
    FOREIGN_KEYS,
    [target(table), target(referenced)],
  )
  const own = typeof columns === 'string' ? [columns] : columns
  const pass = found.some((key) => key.hits && context.equals(key.columns, own))
  const definitions = found.map(({ definition }) => definition)
  return {
    pass,
    message: () =>
      `${sentence(context, `"${table}"`, `to have a foreign key on ${own.join(', ')} to "${referenced}"`)}\n\nIt has${list(definitions)}`,
  }
}

function target(table: string): string {
  return qualifiedName(parseName(table))
}

function list(names: readonly string[]): string {
  return names.length === 0 ? ' none' : `:${names.map((name) => `\n  ${name}`).join('')}`
}

function unquoted(key: string): string {
  return /^"(?:[^"]|"")*"$/.test(key) ? key.slice(1, -1).replaceAll('""', '"') : key
}

/** As PostgreSQL writes it: `int` is `integer`. What it does not know stays. */
async function normalType(db: TestDb<object>, type: string): Promise<string> {
  const [, start = '', modifier = '', end = ''] = /^([^(]*)(\([^)]*\))?(.*)$/.exec(type) ?? []
  const [row] = await db.query<{ name: string | null }>(
    'SELECT format_type(to_regtype($1), NULL) AS name',
    [`${start.trim()}${end}`],
  )
  const name = row?.name
  if (!name || name === '-' || name === '???') return type
  if (modifier === '') return name
  // It is written after the first word, or after the name and before `[]`.
  const place = /^(?:time|timestamp|interval)\b/.exec(name)?.[0] ?? name.replace(/(?:\[\])+$/, '')
  return place + modifier.replaceAll(/\s/g, '') + name.slice(place.length)
}
