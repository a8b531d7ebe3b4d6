import { privileges, type Sections, USER_OIDS } from './catalog-parts.ts'

const PUBLISHED_SCHEMAS = `(SELECT json_agg(s.pnnspid::regnamespace::text ORDER BY s.pnnspid::regnamespace::text)
  FROM pg_publication_namespace s WHERE s.pnpubid = p.oid)`

/** Each a query whose rows are JSON arrays. */
export const OBJECTS: Sections = (since) => ({
  schemas: `SELECT json_build_array(n.nspname, n.nspowner::regrole, ${privileges('n.nspacl', `'n'`, 'n.nspowner')})
    FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
  extensions: `SELECT json_build_array(e.extname, e.extnamespace::regnamespace, e.extversion) FROM pg_extension e`,
  comments: `SELECT json_build_array(pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
    FROM pg_description d
    WHERE d.objoid >= ${USER_OIDS} AND d.classoid <> 'pg_extension'::regclass AND NOT EXISTS (SELECT FROM pg_depend e
      WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')`,
  extensionComments: `SELECT json_build_array(e.extname, obj_description(e.oid, 'pg_extension')) FROM pg_extension e`,
  // Roles belong to the whole server, where other tests are at work: see useRole().
  roleComments: `SELECT json_build_array(s.setrole::regrole, shobj_description(s.setrole, 'pg_authid'))
    FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
    WHERE d.datname = current_database() AND s.setrole <> 0`,
  routines: `SELECT json_build_array(p.oid::regprocedure, pg_get_functiondef(p.oid), p.proowner::regrole,
      ${privileges('p.proacl', `'f'`, 'p.proowner')})
    FROM pg_proc p WHERE p.oid >= ${USER_OIDS} AND p.prokind IN ('f', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`,
  aggregates: `SELECT json_build_array(p.oid::regprocedure, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
      p.proparallel, p.proowner::regrole, to_jsonb(a) - 'aggfnoid' - 'aggtranstype' - 'aggmtranstype',
      format_type(a.aggtranstype, NULL), format_type(a.aggmtranstype, NULL),
      ${privileges('p.proacl', `'f'`, 'p.proowner')})
    FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid WHERE p.oid >= ${USER_OIDS}
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`,
  eventTriggers: `SELECT json_build_array(e.evtname, e.evtevent, e.evtfoid::regproc, e.evtenabled, e.evttags,
      e.evtowner::regrole)
    FROM pg_event_trigger e`,
  languagePrivileges: `SELECT json_build_array(l.lanname, l.lanowner::regrole, ${privileges('l.lanacl', `'l'`, 'l.lanowner')}) FROM pg_language l`,
  databasePrivileges: `SELECT json_build_array(${privileges('d.datacl', `'d'`, 'd.datdba')})
    FROM pg_database d WHERE d.datname = current_database()`,
  defaultPrivileges: `SELECT json_build_array(d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype,
      (SELECT json_agg(one::text ORDER BY one::text) FROM unnest(d.defaclacl) AS one))
    FROM pg_default_acl d`,
  publications: `SELECT json_build_array(p.pubname, p.pubowner::regrole, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot,
      (SELECT json_agg(json_build_array(r.prrelid::regclass::text, ${since(15, 'r.prattrs::text')}, ${since(15, 'pg_get_expr(r.prqual, r.prrelid)')}) ORDER BY r.prrelid::regclass::text)
        FROM pg_publication_rel r WHERE r.prpubid = p.oid),
      ${since(15, PUBLISHED_SCHEMAS)})
    FROM pg_publication p`,
})
