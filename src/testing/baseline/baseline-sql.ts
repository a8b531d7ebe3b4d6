import { SESSION_FUNCTIONS } from '../server/session-functions.ts'
import { BASELINE_SCHEMA, BLOATED, QUIETLY, SCHEMA_CHANGED } from './baseline-schema.ts'
import { captureSql } from './capture-sql.ts'
import { CATALOG_COUNTER, FINGERPRINT_FUNCTION } from './catalog-sql.ts'
import { COUNTERS } from './detector.ts'

const NOTE_CATALOG = `UPDATE ${BASELINE_SCHEMA}.catalog SET counter = ${CATALOG_COUNTER}`

/**
 * Records the baseline of the embedded engine. There, `restore()` looks at the catalogs first. When they were
 * written to, it leaves everything as it is, unless `checked`: then only if it finds the schema changed, not
 * for a temporary table that is gone, or TRUNCATE. What stands in for functions of PostgreSQL belongs to it.
 */
export const CAPTURE_BASELINE: string = `${QUIETLY};${SESSION_FUNCTIONS}${captureSql({
  detector: COUNTERS,
  strategy: 'sparing',
  functions: FINGERPRINT_FUNCTION,
  before: `
  IF (SELECT c.counter IS DISTINCT FROM ${CATALOG_COUNTER} FROM ${BASELINE_SCHEMA}.catalog c) THEN
    IF NOT checked
      OR (SELECT c.fingerprint <> ${BASELINE_SCHEMA}.fingerprint() FROM ${BASELINE_SCHEMA}.catalog c)
    THEN
      RETURN '${SCHEMA_CHANGED}';
    END IF;
    ${NOTE_CATALOG};
  END IF;`,
  after: `${NOTE_CATALOG};`,
})}`

/**
 * Loads what restoring needs, and the libraries of extensions: the state of the engine's memory can be
 * restored only if nothing was loaded since.
 */
export const LOAD_LIBRARIES: string = `
DO $load$
DECLARE
  library text;
BEGIN
  FOR library IN SELECT DISTINCT p.probin FROM pg_proc p WHERE p.oid >= 16384 AND p.probin IS NOT NULL LOOP
    EXECUTE format('LOAD %L', library);
  END LOOP;
END $load$`

/**
 * Notes the counters that the engine begins with when it is started from a snapshot: it keeps none, and files
 * have no times.
 */
export const ARM_AT_START: string = `
UPDATE ${BASELINE_SCHEMA}.relations o SET counter = 0, file = pg_relation_filenode(o.oid);
UPDATE ${BASELINE_SCHEMA}.catalog SET forgotten = NULL, counter = concat('0 ', (
  SELECT max(to_timestamp(0))::text FROM pg_stat_file('postgresql.auto.conf', true)))`

/** Notes the counters of this moment, at which the database is in its baseline. */
export const ARM_BASELINE: string = `
UPDATE ${BASELINE_SCHEMA}.relations o SET ${COUNTERS.note};
${COUNTERS.noteAll};
${NOTE_CATALOG}`

/** Whether the schema, the roles and their settings are those of the baseline: `t`. */
export const IS_BASELINE_SCHEMA: string = `
SELECT c.fingerprint = ${BASELINE_SCHEMA}.fingerprint() FROM ${BASELINE_SCHEMA}.catalog c`

/** Whether they are others, which is looked at closely only where catalogs were written to: `t`. */
export const IS_SCHEMA_CHANGED: string = `
SELECT CASE WHEN c.counter IS DISTINCT FROM ${CATALOG_COUNTER}
  THEN c.fingerprint <> ${BASELINE_SCHEMA}.fingerprint() ELSE false END
FROM ${BASELINE_SCHEMA}.catalog c`

/** Tables that were written to, and whether they have rows in the baseline. */
export const WRITTEN_TABLES: string = `
SELECT o.name, o.filled FROM ${BASELINE_SCHEMA}.relations o
WHERE o.kind = 'r' AND (${COUNTERS.isDirty})`

/** Statements that put sequences back which were used since the baseline was in place. */
export const DIRTY_SEQUENCES: string = `
SELECT o.restore FROM ${BASELINE_SCHEMA}.relations o WHERE o.kind = 'S' AND (${COUNTERS.isDirty})`

/** Relations whose changes are not written to the log: `t` when there are any. */
export const HAS_UNLOGGED: string = `SELECT EXISTS (SELECT FROM pg_class WHERE relpersistence = 'u')`

/** Moves with whatever is written to the log. */
const POSITION = 'SELECT pg_current_wal_insert_lsn()'

/** Moves with whatever is written, except to unlogged relations; ALTER SYSTEM writes a file. */
const WRITTEN = `${POSITION} || ' ' || coalesce(modification::text, '')
  FROM pg_stat_file('postgresql.auto.conf', true)`

/** Says what the schema is, and how much has been written. */
export const IDENTITY: string = `SELECT ${BASELINE_SCHEMA}.fingerprint();${WRITTEN}`

/**
 * Gives the session back to the owner, whose settings are the default ones. RESET would not: the
 * embedded engine knows no user who logged in.
 */
export const FRESH_SESSION: string = 'SET SESSION AUTHORIZATION postgres;RESET ALL'

/**
 * Puts a session back to what a new connection finds; then says where the log ends, which moves with whatever is
 * written, except to unlogged relations and by ALTER SYSTEM. Prepared statements stay: clients believe that they
 * have them.
 */
export const RESTORE_SESSION: string = [
  FRESH_SESSION,
  'CLOSE ALL',
  'DISCARD TEMP',
  'SELECT pg_advisory_unlock_all()',
  POSITION,
].join(';')

/** Puts the dirty relations back to the baseline; then says where the log ends. */
export function restoreRows(checked: boolean): string {
  return `SELECT ${BASELINE_SCHEMA}.restore(${checked});${POSITION}`
}

/** Numbers of dead rows would else be up to a second old. */
export const FLUSH_STATISTICS = 'SELECT pg_stat_force_next_flush()'

/** Tables with dead rows that have become large, separated by commas: they are to be vacuumed. */
export const BLOATED_TABLES: string = `
SELECT string_agg(o.name, ', ') FROM ${BASELINE_SCHEMA}.relations o
WHERE CASE WHEN o.kind = 'r' AND pg_stat_get_dead_tuples(o.oid) > 0 THEN pg_table_size(o.oid) > ${BLOATED} END`
