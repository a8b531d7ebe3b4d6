import { privileges, type Sections, USER_OIDS } from './catalog-parts.ts'

/** Not what PostgreSQL makes beside a table for its long values, whose names are numbers. */
const OWN = `c.oid >= ${USER_OIDS} AND c.relnamespace <> 'pg_toast'::regnamespace`

/** Each a query whose rows are JSON arrays. */
export const TABLES: Sections = (since) => ({
  relations: `SELECT json_build_array(c.relnamespace::regnamespace, c.relname, c.relkind, c.relpersistence,
      c.relowner::regrole, m.amname, c.reloptions, t.reloptions, c.reltablespace, c.relrowsecurity,
      c.relforcerowsecurity, c.relreplident,
      CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, pg_get_expr(c.relpartbound, c.oid),
      CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, c.relispopulated,
      CASE WHEN c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        THEN ${privileges('c.relacl', `CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END`, 'c.relowner')} END)
    FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid LEFT JOIN pg_am m ON m.oid = c.relam
    WHERE ${OWN}`,
  // Whether a column is also the table's own, and not only its parent's, cannot be said in SQL.
  columns: `SELECT json_build_array(a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod),
      a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation, a.attidentity,
      a.attgenerated, a.attstorage, ${since(14, 'a.attcompression')}, a.attinhcount, a.attstattarget, a.attoptions, a.attacl)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid >= ${USER_OIDS} AND a.attnum > 0 AND NOT a.attisdropped
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND ${OWN}`,
  // From PostgreSQL 18 on NOT NULL is one of them, with a name that follows no rename.
  constraints: `SELECT json_build_array(k.conrelid::regclass, k.contypid::regtype,
      CASE WHEN k.contype <> 'n' THEN k.conname END, pg_get_constraintdef(k.oid), k.convalidated, k.coninhcount)
    FROM pg_constraint k WHERE k.oid >= ${USER_OIDS}`,
  indexes: `SELECT json_build_array(pg_get_indexdef(c.oid), i.indisvalid, i.indisprimary, i.indimmediate,
      i.indisclustered, i.indisreplident)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid >= ${USER_OIDS} AND ${OWN}`,
  inheritance: `SELECT json_build_array(i.inhrelid::regclass, i.inhparent::regclass, i.inhseqno, ${since(14, 'i.inhdetachpending')})
    FROM pg_inherits i`,
  triggers: `SELECT json_build_array(pg_get_triggerdef(t.oid), t.tgenabled) FROM pg_trigger t
    WHERE NOT t.tgisinternal`,
  policies: `SELECT json_build_array(p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive,
      (SELECT json_agg(role.id::regrole::text ORDER BY role.id::regrole::text) FROM unnest(p.polroles) AS role (id)),
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    FROM pg_policy p`,
})
