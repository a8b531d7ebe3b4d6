import { BASELINE_SCHEMA, FORGET_BASELINE } from './baseline-schema.ts'
import { FINGERPRINT_FUNCTION } from './catalog-sql.ts'
import type { Detector } from './detector.ts'

/** Pages of dead rows above which a table is vacuumed: each reset leaves some, nobody else cleans. */
const BLOATED = '64 * 8192'

export interface CaptureOptions {
  readonly detector: Detector
  /** Run at the beginning of `restore()`; it may return early. */
  readonly before: string
  /** Run at its end, when something was restored. */
  readonly after: string
}

/**
 * SQL that records the state of the database as the one that every test begins with, to be run once, after
 * migrations and seed, by a superuser.
 *
 * `relations` holds for each table, sequence and materialized view the SQL that restores it. Tables with
 * rows are copied; the copy has no generated columns, as they cannot be written, and no types of the user's,
 * which a test would else be unable to drop.
 *
 * `restore()` puts back what is dirty. It returns null when nothing is, otherwise how many relations were,
 * and the names of those that are to be vacuumed.
 */
export function captureSql({ detector, before, after }: CaptureOptions): string {
  return `
${FORGET_BASELINE};
CREATE SCHEMA ${BASELINE_SCHEMA};
CREATE TABLE ${BASELINE_SCHEMA}.relations (
  oid oid PRIMARY KEY,
  kind "char" NOT NULL,
  name text NOT NULL,
  restore text NOT NULL,
  filled boolean NOT NULL,
  counter bigint,
  file oid,
  state text
);
CREATE TABLE ${BASELINE_SCHEMA}.catalog (counter text, fingerprint text);
${FINGERPRINT_FUNCTION}
${STATE_FUNCTIONS}
${CAPTURE}
CREATE FUNCTION ${BASELINE_SCHEMA}.restore(checked boolean) RETURNS text LANGUAGE plpgsql AS $restore$
DECLARE
  dirty oid[];
  fix text;
  bloated text;
BEGIN
  ${before}
  -- Materialized views last, in the order they were made: they read what is restored before.
  SELECT array_agg(o.oid), string_agg(o.restore, ';' ORDER BY o.kind = 'm', o.oid) INTO dirty, fix
  FROM ${BASELINE_SCHEMA}.relations o
  WHERE ${detector.isDirty};
  IF dirty IS NULL THEN
    RETURN NULL;
  END IF;
  -- Neither foreign keys nor the user's triggers, rules and policies have a say in this.
  PERFORM set_config('session_replication_role', 'replica', true);
  EXECUTE fix;
  UPDATE ${BASELINE_SCHEMA}.relations o SET ${detector.note} WHERE o.oid = ANY (dirty);
  ${after}
  SELECT string_agg(o.name, ', ') INTO bloated
  FROM ${BASELINE_SCHEMA}.relations o
  WHERE o.oid = ANY (dirty) AND o.kind = 'r' AND pg_relation_size(o.oid) > ${BLOATED};
  RETURN concat_ws(' ', cardinality(dirty), bloated);
END $restore$;
INSERT INTO ${BASELINE_SCHEMA}.catalog VALUES (NULL, ${BASELINE_SCHEMA}.fingerprint());
ANALYZE ${BASELINE_SCHEMA}.relations;
`
}

const STATE_FUNCTIONS = `
CREATE FUNCTION ${BASELINE_SCHEMA}.sequence_state(name text) RETURNS text LANGUAGE plpgsql AS $state$
DECLARE
  state text;
BEGIN
  EXECUTE 'SELECT last_value || '' '' || is_called FROM ' || name INTO state;
  RETURN state;
END $state$;
CREATE FUNCTION ${BASELINE_SCHEMA}.rows_state(name text) RETURNS text LANGUAGE plpgsql AS $state$
DECLARE
  state text;
BEGIN
  EXECUTE 'SELECT concat(count(*), '' '', max(xmin::text::bigint)) FROM ONLY ' || name INTO state;
  RETURN state;
END $state$;
`

const CAPTURE = `
DO $capture$
DECLARE
  relation record;
  filled boolean;
  columns text;
  copied text;
  restored text;
  fix text;
  silence text;
  voice text;
BEGIN
  -- Types are named with their schemas.
  PERFORM set_config('search_path', '', true);
  FOR relation IN
    SELECT c.oid, c.relkind AS kind, format('%I.%I', n.nspname, c.relname) AS name,
           c.relispopulated AS populated
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'S', 'm') AND c.relpersistence <> 't'
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.oid
  LOOP
    filled := false;
    CASE relation.kind
    WHEN 'S' THEN
      EXECUTE format('SELECT format(''SELECT setval(%s, %%s, %%L)'', last_value, is_called) FROM %s',
                     relation.oid, relation.name) INTO fix;
      -- So that the next value is written to the log: values fetched ahead would not be.
      EXECUTE fix;
    WHEN 'm' THEN
      filled := relation.populated;
      fix := 'REFRESH MATERIALIZED VIEW ' || relation.name
        || CASE WHEN relation.populated THEN '' ELSE ' WITH NO DATA' END;
    ELSE
      fix := 'DELETE FROM ONLY ' || relation.name;
      EXECUTE format('SELECT EXISTS (SELECT FROM ONLY %s)', relation.name) INTO filled;
      IF filled THEN
        SELECT string_agg(c.name, ', ' ORDER BY c.number),
               string_agg(CASE WHEN c.plain THEN c.name
                 ELSE format('%s::text COLLATE "C" AS %s', c.name, c.name) END, ', ' ORDER BY c.number),
               string_agg(CASE WHEN c.plain THEN c.name ELSE c.name || '::' || c.type END,
                 ', ' ORDER BY c.number)
        INTO columns, copied, restored
        FROM (
          SELECT quote_ident(a.attname) AS name, a.attnum AS number,
                 a.atttypid < 16384 AND a.attcollation < 16384 AS plain,
                 format_type(a.atttypid, a.atttypmod) AS type
          FROM pg_attribute a
          WHERE a.attrelid = relation.oid AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attgenerated = '') c;
        EXECUTE format('CREATE TABLE ${BASELINE_SCHEMA}.rows_%s AS SELECT %s FROM ONLY %s',
                       relation.oid, copied, relation.name);
        fix := fix || format(
          '; INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM ${BASELINE_SCHEMA}.rows_%s',
          relation.name, columns, restored, relation.oid);
      END IF;
      -- What fires whatever the session's role is switched off meanwhile, and nobody sees that either.
      SELECT string_agg(format('ALTER TABLE %s DISABLE %s %I', relation.name, a.kind, a.name), '; '),
             string_agg(format('ALTER TABLE %s ENABLE ALWAYS %s %I', relation.name, a.kind, a.name), '; ')
      INTO silence, voice
      FROM (
        SELECT 'TRIGGER' AS kind, tgname AS name FROM pg_trigger
        WHERE tgrelid = relation.oid AND tgenabled = 'A' AND NOT tgisinternal
        UNION ALL
        SELECT 'RULE', rulename FROM pg_rewrite
        WHERE ev_class = relation.oid AND ev_enabled = 'A') a;
      IF silence IS NOT NULL THEN
        fix := concat_ws('; ',
          CASE WHEN current_setting('event_triggers', true) <> '' THEN 'SET LOCAL event_triggers = off' END,
          silence, fix, voice);
      END IF;
    END CASE;
    INSERT INTO ${BASELINE_SCHEMA}.relations (oid, kind, name, restore, filled)
    VALUES (relation.oid, relation.kind, relation.name, fix, filled);
  END LOOP;
END $capture$;
`
