import { BASELINE_SCHEMA } from './baseline-schema.ts'
import type { Detector } from './detector.ts'

/**
 * How rows are put back. `replica`: neither foreign keys nor triggers have a say in it, which takes the right
 * to set `session_replication_role`. `sparing`: the same, but only when they could have; for a session that is
 * the clients' as well, as PostgreSQL forgets all its plans when that is switched. `owner`: foreign keys have; all tables are emptied in one statement, and
 * filled in another, at whose end they are right again. `replica-owner`: as `replica`, but row security holds.
 */
export type RestoreStrategy = 'replica' | 'sparing' | 'replica-owner' | 'owner'

const DIRTY = `FROM ${BASELINE_SCHEMA}.relations o WHERE o.oid = ANY (dirty)`

// Materialized views last, in the order they were made: they read what is restored before.
const OTHERS = `string_agg(o.restore, ';' ORDER BY o.kind = 'm', o.oid)`

const replica = ({ isLarge }: Detector): string => `
  PERFORM set_config('session_replication_role', 'replica', true);
  SELECT string_agg(concat(o.prepare,
      CASE WHEN o.kind <> 'r' THEN ''
        WHEN o.leaf AND (${isLarge}) THEN 'TRUNCATE ONLY ' || o.name || ';'
        ELSE 'DELETE FROM ONLY ' || o.name || ';' END,
      o.restore, ';', o.finish), '' ORDER BY o.kind = 'm', o.oid) INTO statements ${DIRTY};
  EXECUTE statements;
`

const asSuperuser = (detector: Detector): string => `
  -- What is switched off and on meanwhile is nothing to event triggers; they can be silenced since PostgreSQL 17.
  IF interfering THEN
    PERFORM set_config(name, 'off', true) FROM pg_settings WHERE name = 'event_triggers';
  END IF;
  ${replica(detector)}`

const DELETIONS = `string_agg(format('_%s AS (DELETE FROM ONLY %s)', o.oid, o.name), ', ')`

/** Condition of a relation: its rows go without a trace, whether or not triggers and foreign keys notice. */
export const IS_PLAIN: string = `CASE o.kind WHEN 'S' THEN true WHEN 'm' THEN false ELSE NOT o.filled
  AND NOT EXISTS (
    SELECT FROM pg_trigger t
    WHERE t.tgrelid = o.oid AND NOT t.tgisinternal AND t.tgenabled IN ('A', 'O') AND t.tgtype & 8 <> 0)
  AND NOT EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = o.oid AND r.ev_type = '4')
  -- Rows of the baseline that refer to what was not there: the key was not checked then, but would be now.
  AND NOT EXISTS (
    SELECT FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid AND c.relkind = 'r'
    LEFT JOIN ${BASELINE_SCHEMA}.relations referring ON referring.oid = f.conrelid
    WHERE f.contype = 'f' AND f.confrelid = o.oid AND referring.filled IS NOT false) END`

// So many looks of foreign keys, one for each row that is deleted, take as long as to plan everything anew.
const LOOKS = 12

/**
 * PL/pgSQL that restores the relations in the variable `dirty`, an array; `interfering` says whether something
 * must be switched off for it. What it ran is in `statements` afterwards; null when that is not known.
 */
export const RESTORE_ROWS: Readonly<Record<RestoreStrategy, (detector: Detector) => string>> = {
  replica: asSuperuser,
  // Foreign keys look for rows after all of them are gone.
  sparing: (detector) => `
  IF (SELECT bool_and(o.plain AND NOT (o.kind = 'r' AND (${detector.isLarge})))
        AND sum(CASE WHEN o.referring > 0 THEN o.referring * (${detector.written ?? LOOKS}) ELSE 0 END) <= ${LOOKS}
      ${DIRTY}) THEN
    SELECT concat('WITH ' || ${DELETIONS} FILTER (WHERE o.kind = 'r') || ' SELECT;', ${OTHERS})
    INTO statements ${DIRTY};
    EXECUTE statements;
  ELSE
    ${asSuperuser(detector)}
  END IF;`,
  'replica-owner': replica,
  owner: () => `
  -- Rows that refer to what is deleted must go as well, and come back.
  WITH RECURSIVE referring (oid) AS (
    SELECT unnest(dirty)
    UNION
    SELECT f.conrelid FROM referring r JOIN pg_constraint f ON f.confrelid = r.oid AND f.contype = 'f')
  SELECT array_agg(o.oid) INTO dirty
  FROM referring JOIN ${BASELINE_SCHEMA}.relations o USING (oid);
  EXECUTE coalesce((SELECT string_agg(o.prepare, '') ${DIRTY}), '');
  BEGIN
    EXECUTE coalesce((SELECT 'WITH ' || ${DELETIONS} || ' SELECT' ${DIRTY} AND o.kind = 'r'), '');
  EXCEPTION WHEN insufficient_privilege THEN
    -- The right to empty a table is one of its own.
    EXECUTE (SELECT 'TRUNCATE ONLY ' || string_agg(o.name, ', ONLY ') ${DIRTY} AND o.kind = 'r');
  END;
  EXECUTE coalesce((SELECT 'WITH ' || string_agg(format('_%s AS (%s)', o.oid, o.restore), ', ')
    || ' SELECT' ${DIRTY} AND o.kind = 'r' AND o.filled), '');
  EXECUTE coalesce((SELECT ${OTHERS} ${DIRTY} AND o.kind <> 'r'), '');
  -- Deferred checks are done now, or the tables could not be altered.
  SET CONSTRAINTS ALL IMMEDIATE;
  EXECUTE coalesce((SELECT string_agg(o.finish, '') ${DIRTY}), '');
`,
}
