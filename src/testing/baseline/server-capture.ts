import type { Executor } from '../../database/database.ts'
import { BASELINE_SCHEMA, BLOATED, SCHEMA_CHANGED } from './baseline-schema.ts'
import { captureSql } from './capture-sql.ts'
import { CATALOG_ROWS, serverFingerprints } from './catalog-sql.ts'
import { sizes } from './detector.ts'
import { resetProcedure } from './reset-procedure.ts'
import { serverDetection } from './server-detection.ts'

/** What a server and a role allow. */
export interface Privileges {
  /** Of the server, for example `180004`. */
  readonly version: number
  readonly isSuperuser: boolean
  /** May set `session_replication_role`. */
  readonly isReplica: boolean
}

/** Looks at what the session's role may do. */
export async function findPrivileges(executor: Executor): Promise<Privileges> {
  const { rows } = await executor.query<Omit<Privileges, 'isReplica'>>(`
    SELECT current_setting('server_version_num')::int AS version, rolsuper AS "isSuperuser"
    FROM pg_roles WHERE rolname = current_user`)
  const { version = 0, isSuperuser = false } = rows[0] ?? {}
  if (isSuperuser || version < 150000) return { version, isSuperuser, isReplica: isSuperuser }
  const granted = await executor.query<{ replica: boolean }>(
    `SELECT has_parameter_privilege('session_replication_role', 'SET') AS replica`,
  )
  return { version, isSuperuser, isReplica: granted.rows[0]?.replica ?? false }
}

/**
 * Statements that put sequences back which are not as in the baseline.
 *
 * @param version - Of the server, for example `180004`.
 */
export function dirtyServerSequences(version: number): string {
  const { relations, isDirty } = sizes(version)
  return `SELECT o.restore FROM ${relations} WHERE o.kind = 'S' AND (${isDirty})`
}

/** Statements that record the baseline of a database on a server. */
export function serverCaptureSql(privileges: Privileges): string[] {
  const { version, isSuperuser, isReplica } = privileges
  const counter = isSuperuser
    ? `(SELECT last_value::text FROM ${BASELINE_SCHEMA}.changes)`
    : CATALOG_ROWS
  const note = `UPDATE ${BASELINE_SCHEMA}.catalog SET counter = ${counter}`
  const detector = sizes(version)
  const capture = captureSql({
    detector,
    // Under the replica role row security holds for everyone but superusers.
    strategy: isSuperuser ? 'replica' : isReplica ? 'replica-owner' : 'owner',
    functions: [
      serverFingerprints(isSuperuser),
      NOTICE_ROLES,
      resetProcedure(isSuperuser),
      isSuperuser ? LISTEN : '',
    ].join(''),
    generated: serverDetection(privileges),
    before: `
  PERFORM set_config('lock_timeout', '1s', true);
  IF (SELECT c.unheard <> ${BASELINE_SCHEMA}.unheard() FROM ${BASELINE_SCHEMA}.catalog c) THEN
    RETURN '${SCHEMA_CHANGED}';
  END IF;
  IF (SELECT c.counter IS DISTINCT FROM ${counter} FROM ${BASELINE_SCHEMA}.catalog c) THEN
    IF (SELECT c.fingerprint <> ${BASELINE_SCHEMA}.fingerprint() FROM ${BASELINE_SCHEMA}.catalog c) THEN
      RETURN '${SCHEMA_CHANGED}';
    END IF;
    ${note};
  END IF;`,
    after: `${note};`,
    isBloated: `pg_relation_size(o.oid) > ${BLOATED}`,
  })
  return [
    // A name like the baseline's own is PostgreSQL's to give, unless a superuser asks. Until this list ends.
    (isSuperuser ? `SELECT set_config('allow_system_table_mods', 'on', true);` : '') + capture,
    `UPDATE ${BASELINE_SCHEMA}.catalog
     SET unheard = ${BASELINE_SCHEMA}.unheard(), roles = ${BASELINE_SCHEMA}.roles(),
       silent = EXISTS (SELECT FROM pg_class WHERE relkind = 'S' AND relpersistence = 'u')`,
    LOG_SEQUENCES,
    `UPDATE ${BASELINE_SCHEMA}.relations o SET ${detector.note}`,
    note,
  ]
}

// A sequence logs numbers in advance, thirty-two at a time: those that it has left would be taken without a trace
// by a statement that fails before it writes a row. Set anew, it has none left.
const LOG_SEQUENCES = `
DO $sequences$
DECLARE
  statement text;
BEGIN
  FOR statement IN SELECT o.restore FROM ${BASELINE_SCHEMA}.relations o WHERE o.kind = 'S' LOOP
    EXECUTE statement;
  END LOOP;
END $sequences$`

// Tells of a change once, as nobody can undo it: another database may depend on it by now.
const NOTICE_ROLES = `
CREATE FUNCTION ${BASELINE_SCHEMA}.notice_roles() RETURNS boolean LANGUAGE plpgsql AS $notice$
DECLARE
  present text := ${BASELINE_SCHEMA}.roles();
BEGIN
  UPDATE ${BASELINE_SCHEMA}.catalog SET roles = present WHERE roles <> present;
  RETURN FOUND;
END $notice$;
`

// Counts changes of the schema, also those that are rolled back. Temporary tables count as well: whoever
// finds the number changed compares fingerprints.
const LISTEN = `
CREATE SEQUENCE ${BASELINE_SCHEMA}.changes;
CREATE FUNCTION ${BASELINE_SCHEMA}.count_change() RETURNS event_trigger LANGUAGE plpgsql
  SECURITY DEFINER AS $count$
BEGIN
  PERFORM nextval('${BASELINE_SCHEMA}.changes');
END $count$;
DROP EVENT TRIGGER IF EXISTS ${BASELINE_SCHEMA};
CREATE EVENT TRIGGER ${BASELINE_SCHEMA} ON ddl_command_end EXECUTE FUNCTION ${BASELINE_SCHEMA}.count_change();
ALTER EVENT TRIGGER ${BASELINE_SCHEMA} ENABLE ALWAYS;
`
