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
  'pg_conversion',
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
  'pg_foreign_table',
  'pg_index',
  'pg_language',
  'pg_largeobject',
  'pg_largeobject_metadata',
  'pg_namespace',
  'pg_opclass',
  'pg_operator',
  'pg_opfamily',
  'pg_parameter_acl',
  'pg_policy',
  'pg_proc',
  'pg_publication',
  'pg_replication_origin',
  'pg_rewrite',
  'pg_seclabel',
  'pg_sequence',
  'pg_shdepend',
  'pg_shdescription',
  'pg_statistic_ext',
  'pg_tablespace',
  'pg_transform',
  'pg_trigger',
  'pg_ts_config',
  'pg_ts_config_map',
  'pg_ts_dict',
  'pg_ts_parser',
  'pg_ts_template',
  'pg_type',
  'pg_user_mapping',
]

/** Grows whenever a catalog is written to: by every change of the schema, but also by a temporary table. */
export const CATALOG_COUNTER: string =
  `(SELECT sum(${TUPLE_COUNTER}) FROM unnest(ARRAY[${WATCHED.map((name) => `'${name}'::regclass`).join(', ')}]) o (oid))` +
  // ALTER SYSTEM writes a file.
  ` || ' ' || (SELECT coalesce(max(modification)::text, '') FROM pg_stat_file('postgresql.auto.conf', true))`

// What PostgreSQL made itself has lower numbers.
const OF_USERS = (oid: string): string => `${oid} >= 16384`
// Temporary tables belong to sessions, which may still be there. Their schemas stay when they are gone.
const TEMPORARIES = `WITH temporaries AS MATERIALIZED (SELECT array(
    SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_(toast_)?temp_'
    UNION ALL SELECT oid FROM pg_class WHERE relpersistence = 't') AS oids)`
const lasts = (oid: string): string => `${oid} <> ALL ((SELECT oids FROM temporaries)::oid[])`

type Watched = readonly [catalog: string, row: string, condition: string]

// Those that users make, with what may differ without a change of the schema left out: files and counts.
const SCHEMA: readonly Watched[] = [
  [
    'pg_class',
    '(oid, relname, relnamespace, reltype, relowner, relam, reltablespace, relpersistence, relkind,' +
      ' relrowsecurity, relforcerowsecurity, relreplident, relispartition, relacl, reloptions, relpartbound)',
    `${OF_USERS('oid')} AND relpersistence <> 't'`,
  ],
  ...(
    [
      ['pg_attrdef', 'adrelid'],
      ['pg_attribute', 'attrelid'],
      ['pg_constraint', 'conrelid'],
      ['pg_description', 'objoid'],
      ['pg_foreign_table', 'ftrelid'],
      ['pg_index', 'indrelid'],
      ['pg_inherits', 'inhrelid'],
      ['pg_policy', 'polrelid'],
      ['pg_publication_rel', 'prrelid'],
      ['pg_rewrite', 'ev_class'],
      ['pg_sequence', 'seqrelid'],
      ['pg_statistic_ext', 'stxrelid'],
      ['pg_trigger', 'tgrelid'],
    ] as const
  ).map(
    ([catalog, relation]) =>
      [catalog, 'x', `${OF_USERS(relation)} AND ${lasts(relation)}`] as const,
  ),
  ...(
    [
      ['pg_constraint', 'connamespace'],
      ['pg_proc', 'pronamespace'],
      ['pg_type', 'typnamespace'],
    ] as const
  ).map(([catalog, schema]) => [catalog, 'x', `${OF_USERS('oid')} AND ${lasts(schema)}`] as const),
  ['pg_namespace', 'x', lasts('oid')],
  // The schema "public" is not the user's.
  ['pg_description', 'x', 'objoid IN (SELECT oid FROM pg_namespace) AND objoid < 16384'],
  ['pg_seclabel', 'x', lasts('objoid')],
  ['pg_aggregate', 'x', OF_USERS('aggfnoid::oid')],
  ['pg_extension', 'x', 'true'],
  ['pg_default_acl', 'x', 'true'],
  // Those that PostgreSQL comes with are the user's to change.
  ['pg_ts_config_map', 'x', `(${OF_USERS('mapcfg')} OR ${OF_USERS('mapdict')})`],
  ['pg_ts_dict', 'x', 'true'],
  ...[
    'pg_am',
    'pg_amop',
    'pg_amproc',
    'pg_cast',
    'pg_collation',
    'pg_conversion',
    'pg_enum',
    'pg_foreign_data_wrapper',
    'pg_foreign_server',
    'pg_language',
    'pg_opclass',
    'pg_operator',
    'pg_opfamily',
    'pg_publication',
    'pg_transform',
    'pg_ts_config',
    'pg_ts_parser',
    'pg_ts_template',
  ].map((catalog) => [catalog, 'x', OF_USERS('oid')] as const),
]

// What belongs to what, as far as nothing else says it: sequences to columns; anything to extensions, schemas to
// publications (which have a catalog of their own since PostgreSQL 15), user mappings to servers.
const BELONGINGS = [
  `classid = 'pg_class'::regclass AND ${OF_USERS('objid')} AND deptype = 'a'`,
  `refclassid IN ('pg_extension'::regclass, 'pg_foreign_server'::regclass, 'pg_publication'::regclass)`,
]
const DEPENDENCIES = BELONGINGS.map((condition): Watched => [
  'pg_depend',
  'x',
  `${condition} AND ${lasts('objid')}`,
])
const USER_MAPPINGS: Watched = ['pg_user_mapping', 'x', 'true']

// Of this database, but no event trigger hears of changes.
const UNHEARD: readonly Watched[] = [
  ['pg_event_trigger', 'x', OF_USERS('oid')],
  ['pg_largeobject_metadata', 'x', 'true'],
]
const LARGE_OBJECTS: Watched = ['pg_largeobject', 'x', 'true']

const HERE = '(SELECT oid FROM pg_database WHERE datname = current_database())'
const OWN_DATABASE: readonly Watched[] = [
  // A copy of the database has another name.
  [
    'pg_database',
    // Privileges that are granted again come in another order.
    '(datdba, datconnlimit, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a))',
    'datname = current_database()',
  ],
  ['pg_shdescription', 'description', `objoid = ${HERE} AND classoid = 'pg_database'::regclass`],
  ['pg_db_role_setting', '(setrole, setconfig)', `setdatabase = ${HERE}`],
]

const ROLES: readonly Watched[] = [
  ['pg_auth_members', 'x', 'true'],
  ['pg_db_role_setting', 'x', 'setdatabase = 0'],
]

const SYSTEM_SETTINGS = `coalesce(pg_read_file('postgresql.auto.conf', 0, 1000000, true), '')`

/** A function that says what the schema, the roles and their settings are, in one line. */
export const FINGERPRINT_FUNCTION: string = hashFunction('fingerprint', [
  SYSTEM_SETTINGS,
  ...[...SCHEMA, ...DEPENDENCIES, USER_MAPPINGS].map(hashOf),
  ...[...UNHEARD, LARGE_OBJECTS, ...ROLES].map(hashOf),
  ...(
    [
      ['pg_database', '(oid, datname, datdba, datacl, datconnlimit)', 'true'],
      ['pg_authid', 'x', 'true'],
      ['pg_parameter_acl', 'x', 'true'],
      ['pg_replication_origin', 'x', 'true'],
      ['pg_shdescription', 'x', 'true'],
      ['pg_tablespace', 'x', 'true'],
    ] as const
  ).map(hashOf),
  hashOf(['pg_db_role_setting', 'x', 'setdatabase <> 0']),
])

/**
 * The same for a database on a server that others use, too, in three parts: `fingerprint()` of the schema,
 * `unheard()` of what else is in the database, and `roles()` of what all databases share. What only a superuser
 * may look at is left out for others.
 */
export function serverFingerprints(isSuperuser: boolean): string {
  const unheard = [...UNHEARD, ...OWN_DATABASE, ...(isSuperuser ? [LARGE_OBJECTS] : [])]
  const roles: Watched = [isSuperuser ? 'pg_authid' : 'pg_roles', 'x', 'true']
  const schema = [...SCHEMA, ...DEPENDENCIES, ...(isSuperuser ? [USER_MAPPINGS] : [])]
  return [
    hashFunction('fingerprint', schema.map(hashOf)),
    hashFunction('unheard', unheard.map(hashOf)),
    hashFunction('roles', [
      ...[roles, ...ROLES].map(hashOf),
      ...(isSuperuser ? [SYSTEM_SETTINGS] : []),
    ]),
  ].join('')
}

/** Grows with every change of the schema where no event trigger may be made: a look at each row. */
export const CATALOG_ROWS: string = `(SELECT concat_ws(' ', ${[
  ...new Set(SCHEMA.map(([catalog]) => catalog)),
  ...BELONGINGS.map((condition) => `pg_depend WHERE ${condition}`),
]
  .map((rows) => `(SELECT concat(count(*), ' ', max(xmin::text::bigint)) FROM pg_catalog.${rows})`)
  .join(', ')}))`

function hashOf([catalog, row, condition]: Watched): string {
  return `(SELECT sum(hashtextextended(${row}::text, 0)) FROM pg_catalog.${catalog} x WHERE ${condition})`
}

function hashFunction(name: string, parts: readonly string[]): string {
  return `
CREATE FUNCTION ${BASELINE_SCHEMA}.${name}() RETURNS text LANGUAGE plpgsql
  SET search_path = pg_catalog SET datestyle = 'ISO, MDY' SET timezone = 'UTC' AS $fingerprint$
BEGIN
  -- One in SQL would be planned at each call.
  RETURN (${TEMPORARIES} SELECT md5(concat_ws(' ', ${parts.map((part) => `coalesce(${part}::text, '-')`).join(',\n    ')})));
END $fingerprint$;
`
}
