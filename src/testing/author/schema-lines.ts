import { BASELINE_SCHEMA } from '../baseline/baseline-schema.ts'
import type { TestDb } from './test-db.ts'

// Schemas of users: those whose objects are listed.
const SCHEMAS = `
SELECT oid, quote_ident(nspname) AS name FROM pg_namespace
WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', '${BASELINE_SCHEMA}')`

// What an extension made belongs to the line of the extension.
const ownedByExtension = (catalog: string, oid: string): string => `EXISTS (
  SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`

/** The lines of one kind of object: a query over `s`, the schemas, that returns one text column. */
const LINES: readonly string[] = [
  `SELECT 'schema ' || s.name FROM s`,
  `SELECT 'extension ' || quote_ident(extname) FROM pg_extension WHERE extname <> 'plpgsql'`,
  `SELECT concat_ws(' ',
     CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
       WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' END,
     s.name || '.' || quote_ident(c.relname),
     CASE WHEN c.relpersistence = 'u' THEN 'unlogged' END,
     CASE WHEN c.relrowsecurity THEN 'row level security' END,
     CASE WHEN c.relforcerowsecurity THEN 'forced' END,
     'partition by ' || pg_get_partkeydef(c.oid),
     'partition ' || pg_get_expr(c.relpartbound, c.oid),
     'with ' || array_to_string(c.reloptions, ', '),
     CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
   FROM pg_class c JOIN s ON s.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT ${ownedByExtension('pg_class', 'c.oid')}`,
  `SELECT 'inherits ' || i.inhrelid::regclass || ' from ' || i.inhparent::regclass
   FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN s ON s.oid = c.relnamespace`,
  `SELECT concat_ws(' ', 'column', s.name || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname),
     format_type(a.atttypid, a.atttypmod),
     CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || a.attcollation::regcollation END,
     CASE WHEN a.attnotnull THEN 'not null' END,
     CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity' END,
     CASE a.attgenerated WHEN 's' THEN 'generated stored' WHEN 'v' THEN 'generated virtual' END,
     'default ' || pg_get_expr(d.adbin, d.adrelid))
   FROM pg_attribute a
   JOIN pg_class c ON c.oid = a.attrelid JOIN s ON s.oid = c.relnamespace
   JOIN pg_type t ON t.oid = a.atttypid
   LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f')
     AND NOT ${ownedByExtension('pg_class', 'c.oid')}`,
  `SELECT concat_ws(' ', 'constraint', quote_ident(o.conname),
     'on ' || nullif(o.conrelid, 0)::regclass, 'on domain ' || nullif(o.contypid, 0)::regtype,
     pg_get_constraintdef(o.oid))
   FROM pg_constraint o JOIN s ON s.oid = o.connamespace WHERE o.contype <> 'n' AND o.conparentid = 0`,
  `SELECT 'index ' || pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
   FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN s ON s.oid = c.relnamespace
   WHERE NOT ${ownedByExtension('pg_class', 'i.indrelid')}`,
  `SELECT concat_ws(' ', 'sequence', s.name || '.' || quote_ident(c.relname), format_type(q.seqtypid, NULL),
     'start', q.seqstart, 'increment', q.seqincrement, 'between', q.seqmin, 'and', q.seqmax, 'cache', q.seqcache,
     CASE WHEN q.seqcycle THEN 'cycle' END)
   FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid JOIN s ON s.oid = c.relnamespace`,
  `SELECT 'type ' || s.name || '.' || quote_ident(t.typname) || CASE t.typtype
     WHEN 'e' THEN ' enum ' || (
       SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
     WHEN 'd' THEN concat(' domain ', format_type(t.typbasetype, t.typtypmod),
       CASE WHEN t.typnotnull THEN ' not null' END, ' default ' || t.typdefault)
     WHEN 'c' THEN ' composite ' || (
       SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
       FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
     ELSE ' range' END
   FROM pg_type t JOIN s ON s.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
   WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND NOT ${ownedByExtension('pg_type', 't.oid')}`,
  `SELECT CASE p.prokind WHEN 'a' THEN 'aggregate ' || p.oid::regprocedure
     ELSE 'function ' || pg_get_functiondef(p.oid) END
   FROM pg_proc p JOIN s ON s.oid = p.pronamespace WHERE NOT ${ownedByExtension('pg_proc', 'p.oid')}`,
  `SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid), CASE t.tgenabled WHEN 'D' THEN 'disabled' END)
   FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN s ON s.oid = c.relnamespace
   WHERE NOT t.tgisinternal AND t.tgparentid = 0`,
  `SELECT concat_ws(' ', 'event trigger', quote_ident(evtname), 'on', evtevent, evttags::text, evtfoid::regproc)
   FROM pg_event_trigger`,
  `SELECT 'rule ' || pg_get_ruledef(r.oid)
   FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN s ON s.oid = c.relnamespace
   WHERE r.rulename <> '_RETURN'`,
  `SELECT concat_ws(' ', 'policy', quote_ident(p.polname), 'on ' || p.polrelid::regclass,
     CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, 'for', p.polcmd,
     'to ' || (SELECT string_agg(CASE WHEN role = 0 THEN 'public' ELSE role::regrole::text END, ', ')
       FROM unnest(p.polroles) role),
     'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
   FROM pg_policy p`,
  `SELECT concat_ws(' ', 'privileges on', s.name || '.' || quote_ident(c.relname), c.relacl::text)
   FROM pg_class c JOIN s ON s.oid = c.relnamespace WHERE c.relacl IS NOT NULL`,
  `SELECT concat_ws(' ', 'comment on', (pg_identify_object(d.classoid, d.objoid, d.objsubid)).identity,
     quote_literal(d.description))
   FROM pg_description d WHERE d.objoid >= 16384`,
  `SELECT concat_ws(' ', 'publication', quote_ident(pubname), puballtables, pubinsert, pubupdate, pubdelete)
   FROM pg_publication`,
]

/**
 * What a database contains besides rows, a line for each object, sorted: two databases with the same lines
 * have the same schema. Columns are listed by name, so that their order does not count.
 */
export async function schemaLines(db: Pick<TestDb<object>, 'query'>): Promise<string[]> {
  const rows = await db.query<{ line: string }>(
    `WITH s AS (${SCHEMAS}) ${LINES.map((query) => `SELECT line FROM (${query}) AS lines (line)`).join('\nUNION ALL\n')}`,
  )
  return rows.map(({ line }) => line.replaceAll(/\s+/g, ' ').trim()).toSorted()
}
