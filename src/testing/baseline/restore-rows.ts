import { BASELINE_SCHEMA } from './baseline-schema.ts'
import type { Detector } from './detector.ts'

/**
 * How rows are put back. `replica`: neither foreign keys nor triggers have a say in it, which takes the right
 * to set `session_replication_role`. `owner`: foreign keys have; all tables are emptied in one statement, and
 * filled in another, at whose end they are right again. `replica-owner`: as `replica`, but row security holds.
 */
export type RestoreStrategy = 'replica' | 'replica-owner' | 'owner'

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

/**
 * PL/pgSQL that restores the relations in the variable `dirty`, an array; `interfering` says whether something
 * must be switched off for it. What it ran is in `statements` afterwards; null when that is not known.
 */
export const RESTORE_ROWS: Readonly<Record<RestoreStrategy, (detector: Detector) => string>> = {
  replica: (detector) => `
  -- What is switched off and on meanwhile is nothing to event triggers; they can be silenced since PostgreSQL 17.
  IF interfering THEN
    PERFORM set_config(name, 'off', true) FROM pg_settings WHERE name = 'event_triggers';
  END IF;
  ${replica(detector)}`,
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
    EXECUTE coalesce((SELECT 'WITH ' || string_agg(format('_%s AS (DELETE FROM ONLY %s)', o.oid, o.name), ', ')
      || ' SELECT' ${DIRTY} AND o.kind = 'r'), '');
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
