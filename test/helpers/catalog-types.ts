const OWN = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`

/** Types and sequences of the user's schemas, as one JSON value; the order of attributes does not count. */
export const TYPES = `
SELECT json_build_object(
  'types', (
    SELECT coalesce(json_agg(json_build_array(t.oid::regtype::text, t.typtype, t.typowner::regrole::text,
        (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(coalesce(t.typacl, acldefault('T', t.typowner))) AS acl),
        obj_description(t.oid, 'pg_type')) ORDER BY t.oid::regtype::text), '[]')
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE ${OWN} AND t.typcategory <> 'A'),
  'domains', (
    SELECT coalesce(json_agg(json_build_array(t.oid::regtype::text, format_type(t.typbasetype, t.typtypmod),
        t.typnotnull, t.typdefault, t.typcollation::regcollation::text,
        (SELECT json_agg(json_build_array(c.conname, pg_get_constraintdef(c.oid)) ORDER BY c.conname)
          FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c')) ORDER BY t.oid::regtype::text), '[]')
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${OWN} AND t.typtype = 'd'),
  'attributes', (
    SELECT coalesce(json_agg(json_build_array(c.oid::regclass::text, a.attname,
        format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation::text)
      ORDER BY c.oid::regclass::text, a.attname), '[]')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${OWN} AND c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped),
  'ranges', (
    SELECT coalesce(json_agg(json_build_array(t.oid::regtype::text, r.rngsubtype::regtype::text, o.opcname,
        r.rngcollation::regcollation::text, r.rngcanonical::text, r.rngsubdiff::text,
        r.rngmultitypid::regtype::text) ORDER BY t.oid::regtype::text), '[]')
    FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
    JOIN pg_opclass o ON o.oid = r.rngsubopc WHERE ${OWN}),
  'sequences', (
    SELECT coalesce(json_agg(json_build_array(c.oid::regclass::text, s.seqtypid::regtype::text, s.seqstart,
        s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle,
        (SELECT json_agg(json_build_array(d.refobjid::regclass::text, a.attname, d.deptype))
          FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid)) ORDER BY c.oid::regclass::text), '[]')
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${OWN})
)`
