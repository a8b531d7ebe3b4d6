// The one session knows no connections, so that their advisory locks would never conflict, and all would
// have one process id. These functions and views stand in for those of PostgreSQL under their names. The
// server says which connection they are called by; while it says nothing, they are as the originals.

import { PARKED } from './temporaries.ts'

/** The setting that holds the number of the connection that has the session. */
export const CONNECTION_SETTING = 'pg_faasjs.connection'

/** SQLSTATE of an advisory lock that another connection has; its number is the error's detail. */
export const LOCKED_BY_OTHER = 'FJ002'

const ORIGINAL = 'pg_faasjs_original'

// Beside the lock itself each connection has a lock that says so: its number and the hash of the key are the
// two keys. Being real locks, both follow savepoints, transactions and counts by themselves.
const MARKER = 0x7a_00_00_00
const LARGEST_MARKER = 0x7a_ff_ff_ff

const isMarker = (lock: string): string =>
  `${lock}.locktype = 'advisory' AND ${lock}.objsubid = 2 ` +
  `AND ${lock}.classid::bigint BETWEEN ${MARKER} AND ${LARGEST_MARKER}`
const keyHash = (space: string, key: string): string =>
  `pg_catalog.hashtext(${space}::text || ':' || (${key})::text)`
// The lock table has numbers without sign.
const unsigned = (hash: string): string => `(${hash}::bigint & 4294967295)`
const keyOf = (lock: string): string => `((${lock}.classid::bigint << 32) | ${lock}.objid::bigint)`
const marks = (marker: string, lock: string): string =>
  `${marker}.mode = ${lock}.mode AND ${marker}.objid::bigint = ${unsigned(keyHash(`${lock}.objsubid`, keyOf(lock)))}`

interface Signature {
  readonly types: string
  /** The objsubid of its locks. */
  readonly space: 1 | 2
  /** As one number. */
  readonly key: string
  readonly arguments: string
}

const SIGNATURES: readonly Signature[] = [
  { types: 'bigint', space: 1, key: '$1', arguments: '$1' },
  {
    types: 'integer, integer',
    space: 2,
    key: '($1::bigint << 32) | ($2::bigint & 4294967295)',
    arguments: '$1, $2',
  },
]

function lockFunction(name: string, { types, space, key, arguments: args }: Signature): string {
  const isTry = name.includes('_try_')
  const isShared = name.endsWith('_shared')
  const refuse = isTry
    ? 'RETURN false;'
    : `RAISE EXCEPTION 'the advisory lock belongs to connection %', holder
        USING ERRCODE = '${LOCKED_BY_OTHER}', DETAIL = holder;`
  return functionSql(
    name,
    types,
    isTry ? 'boolean' : 'void',
    `
DECLARE
  me integer := pg_catalog.pg_faasjs_connection();
  hash integer := ${keyHash(String(space), key)};
  holder integer;
BEGIN
  IF me IS NOT NULL THEN
    holder := pg_catalog.pg_faasjs_lock_holder(me, hash, ${isShared});
    IF holder IS NOT NULL THEN
      ${refuse}
    END IF;
    PERFORM pg_catalog.${original(name)}(${MARKER} + me, hash);
  END IF;
  ${isTry ? 'RETURN' : 'PERFORM'} pg_catalog.${original(name)}(${args});
END`,
  )
}

function unlockFunction(name: string, { types, space, key, arguments: args }: Signature): string {
  return functionSql(
    name,
    types,
    'boolean',
    `
DECLARE
  me integer := pg_catalog.pg_faasjs_connection();
BEGIN
  IF me IS NOT NULL THEN
    IF NOT pg_catalog.${original(name)}(${MARKER} + me, ${keyHash(String(space), key)}) THEN
      RETURN false;
    END IF;
  END IF;
  RETURN pg_catalog.${original(name)}(${args});
END`,
  )
}

function functionSql(name: string, types: string, returns: string, body: string): string {
  return `CREATE OR REPLACE FUNCTION pg_catalog.${name}(${types}) RETURNS ${returns}
LANGUAGE plpgsql STRICT PARALLEL RESTRICTED AS $function$${body} $function$;`
}

function original(name: string): string {
  return name.replace('pg_', `${ORIGINAL}_`)
}

const LOCKS = ['', '_shared'].flatMap((mode) =>
  ['advisory', 'advisory_xact', 'try_advisory', 'try_advisory_xact'].map(
    (name) => `pg_${name}_lock${mode}`,
  ),
)
const UNLOCKS = ['pg_advisory_unlock', 'pg_advisory_unlock_shared']

const REPLACED: readonly (readonly [name: string, types: string])[] = [
  ...[...LOCKS, ...UNLOCKS].flatMap((name) =>
    SIGNATURES.map(({ types }) => [name, types] as const),
  ),
  ['pg_advisory_unlock_all', ''],
  ['pg_backend_pid', ''],
]

// Once only: the snapshot that migrations are added to may have them already.
const RENAMES = REPLACED.map(
  ([name, types]) => `
  IF to_regprocedure('pg_catalog.${original(name)}(${types})') IS NULL THEN
    ALTER FUNCTION pg_catalog.${name}(${types}) RENAME TO ${original(name)};
  END IF;`,
).join('')

const HELPERS = `
CREATE OR REPLACE FUNCTION pg_catalog.pg_faasjs_connection() RETURNS integer
LANGUAGE sql STABLE AS $function$
  SELECT nullif(current_setting('${CONNECTION_SETTING}', true), '')::integer
$function$;
CREATE OR REPLACE FUNCTION pg_catalog.pg_faasjs_lock_holder(me integer, hash integer, shared boolean)
RETURNS integer LANGUAGE sql AS $function$
  SELECT (l.classid::bigint - ${MARKER})::integer FROM pg_catalog.pg_lock_status() l
  WHERE ${isMarker('l')} AND l.objid::bigint = ${unsigned('hash')}
    AND l.classid::bigint <> ${MARKER} + me AND (NOT shared OR l.mode = 'ExclusiveLock')
  LIMIT 1
$function$;
CREATE OR REPLACE FUNCTION pg_catalog.pg_backend_pid() RETURNS integer
LANGUAGE sql STABLE PARALLEL RESTRICTED AS $function$
  SELECT coalesce(pg_catalog.pg_faasjs_connection(), pg_catalog.${original('pg_backend_pid')}())
$function$;`

const unlockHeld = (shared: string, args: string): string =>
  `WHILE pg_catalog.${original(`pg_advisory_unlock${shared}`)}(held.marker, held.hash) LOOP
        PERFORM pg_catalog.${original(`pg_advisory_unlock${shared}`)}(${args});
      END LOOP;`

// That of a transaction is not given back, so that the loop over it ends at once, with a warning.
const UNLOCK_ALL = `
CREATE OR REPLACE FUNCTION pg_catalog.pg_advisory_unlock_all() RETURNS void
LANGUAGE plpgsql SET client_min_messages = error AS $function$
DECLARE
  me integer := pg_catalog.pg_faasjs_connection();
  held record;
BEGIN
  IF me IS NULL THEN
    PERFORM pg_catalog.${original('pg_advisory_unlock_all')}();
    RETURN;
  END IF;
  FOR held IN
    SELECT l.objsubid, l.mode, ${keyOf('l')} AS key, m.classid::bigint::integer AS marker,
      ${keyHash('l.objsubid', keyOf('l'))} AS hash,
      l.classid::bigint::bit(32)::integer AS key1, l.objid::bigint::bit(32)::integer AS key2
    FROM pg_catalog.pg_lock_status() l JOIN pg_catalog.pg_lock_status() m ON ${marks('m', 'l')}
    WHERE l.locktype = 'advisory' AND NOT (${isMarker('l')})
      AND ${isMarker('m')} AND m.classid::bigint = ${MARKER} + me
  LOOP
    IF held.objsubid = 1 AND held.mode = 'ExclusiveLock' THEN
      ${unlockHeld('', 'held.key')}
    ELSIF held.objsubid = 1 THEN
      ${unlockHeld('_shared', 'held.key')}
    ELSIF held.mode = 'ExclusiveLock' THEN
      ${unlockHeld('', 'held.key1, held.key2')}
    ELSE
      ${unlockHeld('_shared', 'held.key1, held.key2')}
    END IF;
  END LOOP;
END $function$;`

// One row for each connection that has the lock, under its process id.
const VIEWS = `
CREATE OR REPLACE VIEW pg_catalog.pg_locks AS
SELECT l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid, l.classid, l.objid,
  l.objsubid, l.virtualtransaction,
  coalesce((m.classid::bigint - ${MARKER})::integer, pg_catalog.pg_faasjs_connection(), l.pid) AS pid,
  l.mode, l.granted, l.fastpath, l.waitstart
FROM pg_catalog.pg_lock_status() l
LEFT JOIN pg_catalog.pg_lock_status() m
  ON l.locktype = 'advisory' AND ${isMarker('m')} AND ${marks('m', 'l')}
WHERE NOT coalesce(${isMarker('l')}, false);
DO $views$
DECLARE
  definition text := pg_get_viewdef('pg_catalog.pg_stat_activity'::regclass);
BEGIN
  IF definition !~ 'pg_faasjs' THEN
    EXECUTE 'CREATE OR REPLACE VIEW pg_catalog.pg_stat_activity AS ' || regexp_replace(definition, '\\ms\\.pid\\M',
      'CASE s.pid WHEN pg_catalog.${original('pg_backend_pid')}() THEN pg_catalog.pg_backend_pid() ELSE s.pid END AS pid');
  END IF;
END $views$;`

// As the statement of that name, which would take the temporary tables and locks of other connections along.
const DISCARD = `
CREATE OR REPLACE FUNCTION pg_catalog.pg_faasjs_discard(everything boolean) RETURNS void
LANGUAGE plpgsql SET event_triggers = off SET client_min_messages = error AS $function$
DECLARE
  part record;
BEGIN
  IF everything THEN
    EXECUTE 'SET SESSION AUTHORIZATION DEFAULT';
    EXECUTE 'CLOSE ALL';
    EXECUTE 'UNLISTEN *';
    PERFORM pg_catalog.pg_advisory_unlock_all();
    EXECUTE 'RESET ALL';
  END IF;
  FOR part IN
    SELECT c.relname AS name, CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
    FROM pg_catalog.pg_class c
    WHERE c.relnamespace = pg_catalog.pg_my_temp_schema() AND c.relkind IN ('r', 'p', 'v', 'S')
      AND NOT starts_with(c.relname, '${PARKED}')
  LOOP
    EXECUTE pg_catalog.format('DROP %s IF EXISTS pg_temp.%I CASCADE', part.kind, part.name);
  END LOOP;
  FOR part IN
    SELECT p.oid::regprocedure AS name FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = pg_catalog.pg_my_temp_schema() AND NOT starts_with(p.proname, '${PARKED}')
  LOOP
    EXECUTE pg_catalog.format('DROP ROUTINE IF EXISTS %s CASCADE', part.name);
  END LOOP;
END $function$;`

/** What is run in place of DISCARD ALL and DISCARD TEMP; undefined for all others. */
export function ownDiscard(sql: string): string | undefined {
  const [, what] = sql.match(/^\s*discard\s+(all|temp|temporary)\s*;?\s*$/i) ?? []
  if (what === undefined) return undefined
  return `DO 'BEGIN PERFORM pg_catalog.pg_faasjs_discard(${what.toLowerCase() === 'all'}); END'`
}

/** SQL that puts the functions in their places, to be run by the owner of the database. */
export const SESSION_FUNCTIONS: string = `
DO $renames$
BEGIN${RENAMES}
END $renames$;
${HELPERS}
${LOCKS.flatMap((name) => SIGNATURES.map((signature) => lockFunction(name, signature))).join('\n')}
${UNLOCKS.flatMap((name) => SIGNATURES.map((signature) => unlockFunction(name, signature))).join('\n')}
${UNLOCK_ALL}
${DISCARD}
${VIEWS}
`
