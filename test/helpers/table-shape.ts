import type { Executor } from '../../src/database/database.ts'

const COLUMNS = `
SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
  (SELECT 'COLLATE ' || quote_ident(l.collname) FROM pg_collation l
    WHERE l.oid = a.attcollation AND l.collname <> 'default'),
  CASE WHEN a.attidentity <> '' THEN 'IDENTITY' END,
  CASE WHEN a.attgenerated <> '' THEN 'AS (' || pg_get_expr(d.adbin, d.adrelid) || ')'
    ELSE 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END,
  CASE WHEN a.attnotnull THEN 'NOT NULL' END,
  '-- ' || col_description(a.attrelid, a.attnum)) AS line
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`

// NOT NULL stands with the column.
const CONSTRAINTS = `
SELECT conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
WHERE conrelid = $1::regclass AND contype <> 'n' ORDER BY conname`

const INDEXES = `
SELECT pg_get_indexdef(i.indexrelid) AS line FROM pg_index i
WHERE i.indrelid = $1::regclass AND NOT EXISTS
  (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = i.indrelid)
ORDER BY i.indexrelid::regclass::text`

const OTHERS = `
SELECT pg_get_triggerdef(oid) AS line FROM pg_trigger
WHERE tgrelid = $1::regclass AND NOT tgisinternal
UNION ALL
SELECT concat_ws(' ', 'POLICY', polname, 'FOR', CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT'
    WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
  'USING ' || pg_get_expr(polqual, polrelid), 'WITH CHECK ' || pg_get_expr(polwithcheck, polrelid))
FROM pg_policy WHERE polrelid = $1::regclass
UNION ALL
SELECT 'ROW LEVEL SECURITY' FROM pg_class WHERE oid = $1::regclass AND relrowsecurity
ORDER BY line`

/** What the catalog says of tables, as text: one line for each column, constraint, index, and so on. */
export async function tableShape(
  database: Executor,
  ...tables: readonly string[]
): Promise<string> {
  const lines: string[] = []
  for (const table of tables) {
    lines.push(table)
    for (const query of [COLUMNS, CONSTRAINTS, INDEXES, OTHERS]) {
      const { rows } = await database.query<{ line: string }>(query, [table])
      lines.push(...rows.map(({ line }) => `  ${line}`))
    }
  }
  return lines.join('\n')
}

/** The names of the tables, views and sequences of a schema, without the history. */
export async function relations(database: Executor, schema = 'public'): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace
     AND relkind NOT IN ('i', 'I') AND relname <> 'faasjs_pg_migrations' ORDER BY 1`,
    [schema],
  )
  return rows.map(({ name }) => name)
}

/** The values of an enum type, in their order. */
export async function enumValuesOf(database: Executor, type: string): Promise<string[]> {
  const { rows } = await database.query<{ value: string }>(
    'SELECT enumlabel AS value FROM pg_enum WHERE enumtypid = $1::regtype ORDER BY enumsortorder',
    [type],
  )
  return rows.map(({ value }) => value)
}
