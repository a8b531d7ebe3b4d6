import type { Executor } from '../../src/database/database.ts'
import { CATALOG_OBJECTS } from './catalog-objects.ts'
import { TYPES } from './catalog-types.ts'

const CATALOG = `
SELECT json_build_object(
  'tables', (
    SELECT coalesce(json_agg(json_build_array(n.nspname, c.relname, c.relkind) ORDER BY 1, n.nspname, c.relname), '[]')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
  'columns', (
    SELECT coalesce(json_agg(json_build_array(a.attrelid::regclass::text, a.attname,
        format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), l.collname)
      ORDER BY a.attrelid::regclass::text, a.attname), '[]')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
  'constraints', (
    SELECT coalesce(json_agg(json_build_array(c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid))
      ORDER BY c.conrelid::regclass::text, c.conname), '[]')
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
  'indexes', (
    SELECT coalesce(json_agg(indexdef ORDER BY indexdef), '[]') FROM pg_indexes
    WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'),
  'enums', (
    SELECT coalesce(json_agg(json_build_array(e.enumtypid::regtype::text, e.enumlabel)
      ORDER BY e.enumtypid::regtype::text, e.enumsortorder), '[]') FROM pg_enum e),
  'types', (${TYPES}),
  ${CATALOG_OBJECTS}
) AS catalog`

/** What the user's schemas contain, in a stable order; the order of columns does not count. */
export async function catalog(database: Executor): Promise<unknown> {
  const { rows } = await database.query<{ catalog: unknown }>(CATALOG)
  return rows[0]?.catalog
}
