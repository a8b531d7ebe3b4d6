import { privileges, type Sections, USER_OIDS } from './catalog-parts.ts'

/** Each a query whose rows are JSON arrays. */
export const TYPES: Sections = (since) => ({
  types: `SELECT json_build_array(t.oid::regtype, t.typtype, t.typowner::regrole,
      ${privileges('t.typacl', `'T'`, 't.typowner')},
      CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END, t.typnotnull, t.typdefault,
      t.typcollation::regcollation,
      (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
    FROM pg_type t WHERE t.oid >= ${USER_OIDS} AND t.typcategory <> 'A' AND t.typnamespace <> 'pg_toast'::regnamespace`,
  ranges: `SELECT json_build_array(r.rngtypid::regtype, r.rngsubtype::regtype, o.opcname,
      r.rngcollation::regcollation, r.rngcanonical, r.rngsubdiff, ${since(14, 'r.rngmultitypid::regtype')})
    FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc WHERE r.rngtypid >= ${USER_OIDS}`,
  sequences: `SELECT json_build_array(s.seqrelid::regclass, s.seqtypid::regtype, s.seqstart, s.seqincrement,
      s.seqmax, s.seqmin, s.seqcache, s.seqcycle, d.refobjid::regclass, a.attname, d.deptype)
    FROM pg_sequence s
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype IN ('a', 'i')
    LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid`,
})
