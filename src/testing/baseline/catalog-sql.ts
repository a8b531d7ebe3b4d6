import { BASELINE_SCHEMA } from './baseline-schema.ts'
import { TUPLE_COUNTER } from './detector.ts'

// Whatever changes the schema, roles or settings changes one of these. What depends on something of the user's
// changes pg_depend; the others are for what does not.
const WATCHED = [
  'pg_am',
  'pg_attrdef',
  'pg_attribute',
  'pg_auth_members',
  'pg_authid',
  'pg_cast',
  'pg_class',
  'pg_collation',
  'pg_constraint',
  'pg_database',
  'pg_db_role_setting',
  'pg_default_acl',
  'pg_depend',
  'pg_description',
  'pg_enum',
  'pg_event_trigger',
  'pg_extension',
  'pg_foreign_data_wrapper',
  'pg_foreign_server',
  'pg_index',
  'pg_language',
  'pg_largeobject',
  'pg_largeobject_metadata',
  'pg_namespace',
  'pg_operator',
  'pg_parameter_acl',
  'pg_policy',
  'pg_proc',
  'pg_publication',
  'pg_replication_origin',
  'pg_rewrite',
  'pg_sequence',
  'pg_shdepend',
  'pg_shdescription',
  'pg_statistic_ext',
  'pg_tablespace',
  'pg_trigger',
  'pg_ts_dict',
  'pg_type',
  'pg_user_mapping',
]

/** Grows whenever a catalog is written to: by every change of the schema, but also by a temporary table. */
export const CATALOG_COUNTER: string =
  `(SELECT sum(${TUPLE_COUNTER}) FROM unnest(ARRAY[${WATCHED.map((name) => `'${name}'::regclass`).join(', ')}]) o (oid))` +
  // ALTER SYSTEM writes a file.
  ` || ' ' || (SELECT coalesce(max(modification)::text, '') FROM pg_stat_file('postgresql.auto.conf', true))`

// What PostgreSQL made itself has lower numbers.
const OF_USERS = 'oid >= 16384'
// Those that users make, with what may differ without a change of the schema left out: files and counts.
const FINGERPRINTED: readonly (readonly [catalog: string, row: string, condition: string])[] = [
  [
    'pg_class',
    '(oid, relname, relnamespace, reltype, relowner, relam, reltablespace, relpersistence, relkind,' +
      ' relrowsecurity, relforcerowsecurity, relreplident, relispartition, relacl, reloptions, relpartbound)',
    OF_USERS,
  ],
  ['pg_attribute', 'x', 'attrelid >= 16384'],
  ['pg_database', '(oid, datname, datdba, datacl, datconnlimit)', 'true'],
  // Those of temporary tables stay when the tables are gone.
  ['pg_namespace', 'x', "nspname !~ '^pg_(toast_)?temp_'"],
  ['pg_index', 'x', 'indexrelid >= 16384'],
  ['pg_sequence', 'x', 'true'],
  ['pg_authid', 'x', 'true'],
  ['pg_auth_members', 'x', 'true'],
  ['pg_db_role_setting', 'x', 'true'],
  ['pg_description', 'x', 'objoid >= 16384'],
  ['pg_parameter_acl', 'x', 'true'],
  ['pg_replication_origin', 'x', 'true'],
  ['pg_shdescription', 'x', 'true'],
  ['pg_tablespace', 'x', 'true'],
  ['pg_user_mapping', 'x', 'true'],
  ['pg_inherits', 'x', 'true'],
  ['pg_extension', 'x', 'true'],
  ['pg_default_acl', 'x', 'true'],
  ['pg_largeobject', 'x', 'true'],
  ['pg_largeobject_metadata', 'x', 'true'],
  ...[
    'pg_am',
    'pg_attrdef',
    'pg_cast',
    'pg_collation',
    'pg_constraint',
    'pg_conversion',
    'pg_enum',
    'pg_event_trigger',
    'pg_foreign_data_wrapper',
    'pg_foreign_server',
    'pg_language',
    'pg_opclass',
    'pg_operator',
    'pg_policy',
    'pg_proc',
    'pg_publication',
    'pg_publication_rel',
    'pg_rewrite',
    'pg_statistic_ext',
    'pg_trigger',
    'pg_ts_config',
    'pg_ts_dict',
    'pg_type',
  ].map((catalog) => [catalog, 'x', OF_USERS] as const),
]

/**
 * A function that says what the schema, the roles and their settings are, in one line. Some catalogs name
 * functions, with or without their schema: that must not depend on who asks.
 */
export const FINGERPRINT_FUNCTION: string = `
CREATE FUNCTION ${BASELINE_SCHEMA}.fingerprint() RETURNS text LANGUAGE sql SET search_path = ''
AS $fingerprint$
  SELECT md5(concat_ws(' ', coalesce(pg_read_file('postgresql.auto.conf', true), ''),
${FINGERPRINTED.map(
  ([catalog, row, condition]) =>
    `    (SELECT sum(hashtextextended(${row}::text, 0)) FROM pg_catalog.${catalog} x WHERE ${condition})`,
).join(',\n')}))
$fingerprint$;
`
