import type { Executor, QueryResult } from '../../database/database.ts'
import { literal } from '../../sql/literal.ts'
import { BASELINE_SCHEMA } from './baseline-schema.ts'
import { sizes } from './detector.ts'

/** A relation that is not as in the baseline, or refers to one. */
interface Difference {
  readonly oid: string
  readonly kind: 'r' | 'S' | 'm'
  readonly name: string
  readonly prepare: string
  readonly finish: string
  /** Names of columns that can be written, separated by commas. */
  readonly columns: string | null
  /** The same of a row `r`. */
  readonly values: string | null
}

/** Runs SQL in one database, with the name that the baseline's schema has there. */
export type BaselineQuery = <Row>(
  sql: string,
  params?: readonly unknown[],
) => Promise<QueryResult<Row>>

const IS_SCHEMA_CHANGED = `
SELECT c.fingerprint <> ${BASELINE_SCHEMA}.fingerprint() OR c.unheard <> ${BASELINE_SCHEMA}.unheard() AS changed
FROM ${BASELINE_SCHEMA}.catalog c`

/** Rows that refer to others must go with these. */
const differences = (version: number): string => `
WITH RECURSIVE dirty (oid) AS (
  SELECT o.oid FROM ${sizes(version).relations} WHERE ${sizes(version).isDirty}
  UNION
  SELECT f.conrelid FROM dirty d JOIN pg_constraint f ON f.confrelid = d.oid AND f.contype = 'f')
SELECT o.oid::text, o.kind::text, o.name, o.prepare, o.finish,
  c.columns, c.values
FROM dirty JOIN ${BASELINE_SCHEMA}.relations o USING (oid)
CROSS JOIN LATERAL (
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
    string_agg('r.' || quote_ident(a.attname), ', ' ORDER BY a.attnum) AS values
  FROM pg_attribute a
  WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') c
ORDER BY o.kind = 'm', o.oid`

/** Values are written and read as text, which must mean the same in both databases. */
const SETTINGS = `
SELECT set_config('search_path', '', true), set_config('datestyle', 'ISO, MDY', true),
  set_config('intervalstyle', 'postgres', true), set_config('extra_float_digits', '1', true),
  set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true)`

/**
 * Makes a clone of the baseline, in transactions of both, like a database that has gone on from there, as far as rows, sequences and views are
 * concerned. Nobody who is connected to that notices.
 *
 * @param isReplica - The role may set `session_replication_role`.
 * @returns false when the schema is another: then a copy of the whole database is needed.
 */
export async function copyDifference(
  from: BaselineQuery,
  to: Executor,
  { version, isReplica }: { readonly version: number; readonly isReplica: boolean },
): Promise<boolean> {
  const { rows: schema } = await from<{ changed: boolean }>(IS_SCHEMA_CHANGED)
  if (schema[0]?.changed !== false) return false
  const { rows } = await from<Difference>(differences(version))
  if (rows.length === 0) return true
  await from(SETTINGS)
  await to.query(SETTINGS)
  if (isReplica) await to.query(`SELECT set_config('session_replication_role', 'replica', true)`)
  await copyTables(
    from,
    to,
    rows.filter(({ kind }) => kind === 'r'),
  )
  for (const { oid, name, kind } of rows) {
    if (kind === 'S') await copySequence(from, to, oid, name)
    else if (kind === 'm') await copyView(from, to, oid, name)
  }
  return true
}

/** All tables in one statement each way: at its end their references are right, whatever the order. */
async function copyTables(
  from: BaselineQuery,
  to: Executor,
  tables: readonly Difference[],
): Promise<void> {
  if (tables.length === 0) return
  const contents: string[][] = []
  for (const { name } of tables) {
    // The name of the whole row, which no column is likely to have.
    const { rows } = await from<{ value: string }>(
      `SELECT faasjs_pg_row::text AS value FROM ONLY ${name} faasjs_pg_row`,
    )
    contents.push(rows.map(({ value }) => value))
  }
  for (const { prepare } of tables) if (prepare !== '') await to.query(prepare)
  const deletions = tables.map(({ oid, name }) => `_${oid} AS (DELETE FROM ONLY ${name})`)
  await to.query(`WITH ${deletions.join(', ')} SELECT`)
  const writable = tables.flatMap((table, index) =>
    table.columns === null ? [] : [{ ...table, rows: contents[index] ?? [] }],
  )
  const insertions = writable.map(
    ({ oid, name, columns, values }, index) => `_${oid} AS (
      INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE
      SELECT ${values} FROM unnest($${index + 1}::text[]) v (text),
        LATERAL (SELECT (v.text::${name}).*) r)`,
  )
  if (insertions.length > 0) {
    await to.query(
      `WITH ${insertions.join(', ')} SELECT`,
      writable.map(({ rows }) => rows),
    )
  }
  await to.query('SET CONSTRAINTS ALL IMMEDIATE')
  for (const { finish } of tables) if (finish !== '') await to.query(finish)
}

async function copySequence(
  from: BaselineQuery,
  to: Executor,
  oid: string,
  name: string,
): Promise<void> {
  const { rows } = await from<{ value: string; called: boolean }>(
    `SELECT last_value::text AS value, is_called AS called FROM ${name}`,
  )
  const [{ value, called } = { value: '1', called: false }] = rows
  await to.query(`SELECT setval(${oid}, ${value}, ${called})`)
}

async function copyView(
  from: BaselineQuery,
  to: Executor,
  oid: string,
  name: string,
): Promise<void> {
  const { rows } = await from<{ populated: boolean }>(
    `SELECT relispopulated AS populated FROM pg_class WHERE oid = ${literal(oid)}::oid`,
  )
  const how = rows[0]?.populated === true ? '' : ' WITH NO DATA'
  await to.query(`REFRESH MATERIALIZED VIEW ${name}${how}`)
}
