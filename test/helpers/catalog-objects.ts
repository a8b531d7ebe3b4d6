/** Schemas of the user: not those of PostgreSQL, and not temporary ones. */
const OWN = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`

/** Privileges in force: an object that was never granted on has those of its kind. */
function privileges(acl: string, kind: string, owner: string): string {
  const initial = kind.length === 1 ? `'${kind}'` : kind
  return `(SELECT json_agg(json_build_array(a.grantee::regrole::text, a.grantor::regrole::text, a.privilege_type, a.is_grantable)
      ORDER BY a.grantee::regrole::text, a.grantor::regrole::text, a.privilege_type)
    FROM aclexplode(coalesce(${acl}, acldefault(${initial}, ${owner}))) a)`
}

const expressions = `pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)`

/** Each a query whose rows are JSON arrays. */
const QUERIES: Readonly<Record<string, string>> = {
  schemas: `SELECT json_build_array(n.nspname, n.nspowner::regrole::text, ${privileges('n.nspacl', 'n', 'n.nspowner')})
    FROM pg_namespace n WHERE ${OWN}`,
  extensions: `SELECT json_build_array(e.extname, n.nspname, e.extversion)
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace`,
  relations: `SELECT json_build_array(c.oid::regclass::text, c.relowner::regrole::text, c.relpersistence, c.reloptions,
      c.relreplident, (SELECT amname FROM pg_am WHERE oid = c.relam), t.spcname, pg_get_partkeydef(c.oid),
      pg_get_expr(c.relpartbound, c.oid), (SELECT reloptions FROM pg_class WHERE oid = c.reltoastrelid))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
    WHERE ${OWN} AND c.relkind <> 'c'`,
  inheritance: `SELECT json_build_array(i.inhrelid::regclass::text, i.inhparent::regclass::text, i.inhseqno) FROM pg_inherits i`,
  columnDetails: `SELECT json_build_array(c.oid::regclass::text, a.attname, a.attidentity, a.attgenerated, a.attstorage,
      a.attcompression, a.attstattarget, a.attoptions)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${OWN} AND c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped`,
  indexState: `SELECT json_build_array(i.indexrelid::regclass::text, i.indisvalid, i.indisclustered, i.indisreplident)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OWN}`,
  // Objects with lower numbers come with PostgreSQL.
  comments: `SELECT json_build_array(pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
    FROM pg_description d WHERE d.objoid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend e
      WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
      OR d.classoid = 'pg_extension'::regclass
    UNION ALL SELECT json_build_array(pg_describe_object(d.classoid, d.objoid, 0), d.description)
    FROM pg_shdescription d WHERE d.objoid >= 16384`,
  views: `SELECT json_build_array(c.oid::regclass::text, pg_get_viewdef(c.oid), c.reloptions, c.relispopulated)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND (${OWN} OR n.nspname ~ '^pg_temp')`,
  routines: `SELECT json_build_array(p.oid::regprocedure::text, pg_get_functiondef(p.oid), ${privileges('p.proacl', 'f', 'p.proowner')})
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE ${OWN} AND p.prokind IN ('f', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`,
  aggregates: `SELECT json_build_array(p.oid::regprocedure::text, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
      p.proparallel, to_jsonb(a) - 'aggfnoid' - 'aggtranstype' - 'aggmtranstype', format_type(a.aggtranstype, NULL),
      format_type(a.aggmtranstype, NULL), ${privileges('p.proacl', 'f', 'p.proowner')})
    FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OWN}`,
  triggers: `SELECT json_build_array(pg_get_triggerdef(t.oid), t.tgenabled) FROM pg_trigger t WHERE NOT t.tgisinternal`,
  eventTriggers: `SELECT json_build_array(e.evtname, e.evtevent, e.evtfoid::regproc::text, e.evtenabled, e.evttags, e.evtowner::regrole::text)
    FROM pg_event_trigger e`,
  rowSecurity: `SELECT json_build_array(c.oid::regclass::text, c.relforcerowsecurity, c.relrowsecurity)
    FROM pg_class c WHERE c.relforcerowsecurity OR c.relrowsecurity`,
  policies: `SELECT json_build_array(p.polrelid::regclass::text, p.polname, p.polcmd, p.polpermissive,
      (SELECT json_agg(role.id::regrole::text ORDER BY role.id::regrole::text) FROM unnest(p.polroles) AS role (id)), ${expressions})
    FROM pg_policy p`,
  relationPrivileges: `SELECT json_build_array(c.oid::regclass::text,
      ${privileges('c.relacl', `CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END`, 'c.relowner')})
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${OWN} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`,
  columnPrivileges: `SELECT json_build_array(a.attrelid::regclass::text, a.attname, a.attacl::text)
    FROM pg_attribute a WHERE a.attacl IS NOT NULL AND a.attrelid >= 16384`,
  languagePrivileges: `SELECT json_build_array(l.lanname, ${privileges('l.lanacl', 'l', 'l.lanowner')}) FROM pg_language l`,
  databasePrivileges: `SELECT json_build_array(${privileges('d.datacl', 'd', 'd.datdba')})
    FROM pg_database d WHERE d.datname = current_database()`,
  defaultPrivileges: `SELECT json_build_array(d.defaclrole::regrole::text, n.nspname, d.defaclobjtype, d.defaclacl::text)
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace`,
  publications: `SELECT json_build_array(p.pubname, p.pubowner::regrole::text, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot,
      (SELECT json_agg(json_build_array(r.prrelid::regclass::text, r.prattrs::text, pg_get_expr(r.prqual, r.prrelid)) ORDER BY r.prrelid::regclass::text)
        FROM pg_publication_rel r WHERE r.prpubid = p.oid),
      (SELECT json_agg(s.pnnspid::regnamespace::text ORDER BY s.pnnspid::regnamespace::text) FROM pg_publication_namespace s WHERE s.pnpubid = p.oid))
    FROM pg_publication p`,
}

/** Keys and values for the `json_build_object` of the catalog. */
export const CATALOG_OBJECTS: string = Object.entries(QUERIES)
  .map(
    ([key, query]) =>
      `'${key}', (SELECT coalesce(json_agg(item ORDER BY item::text), '[]') FROM (${query}) AS found (item))`,
  )
  .join(',\n  ')
