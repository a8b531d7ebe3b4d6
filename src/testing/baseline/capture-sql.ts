import { BASELINE_SCHEMA, FORGET_BASELINE, SCHEMA_CHANGED } from './baseline-schema.ts'
import type { Detector } from './detector.ts'
import { IS_PLAIN, RESTORE_ROWS, type RestoreStrategy } from './restore-rows.ts'

export interface CaptureOptions {
  readonly detector: Detector
  /** How rows are put back; `'replica'` unless given. */
  readonly strategy?: RestoreStrategy
  /** Makes `fingerprint()`, and what else is called here. */
  readonly functions: string
  /** Makes what is called here and depends on what was recorded. */
  readonly generated?: string
  /** Run at the beginning of `restore()`; it may return early. */
  readonly before: string
  /** Run at its end, when what was restored may have changed catalogs. */
  readonly after: string
  /** Condition of a table, `o`, that was restored: it is to be vacuumed. None is unless given. */
  readonly isBloated?: string
}

/**
 * SQL that records the state of the database as the one that every test begins with, to be run once, after
 * migrations and seed.
 *
 * `relations` holds for each table, sequence and materialized view the SQL that restores it. Tables with
 * rows are copied; the copy has no generated columns, as they cannot be written, and no types of the user's,
 * which a test would else be unable to drop.
 *
 * `restore()` puts back what is dirty. It returns null when nothing is, otherwise how many relations were,
 * and the names of those that are to be vacuumed; or `SCHEMA_CHANGED` when only a copy of the whole database
 * can help.
 */
export function captureSql(options: CaptureOptions): string {
  const {
    detector,
    strategy = 'replica',
    functions,
    generated = '',
    before,
    after,
    isBloated,
  } = options
  const bloated =
    isBloated === undefined
      ? ''
      : `SELECT string_agg(o.name, ', ') INTO bloated
  FROM ${BASELINE_SCHEMA}.relations o
  WHERE o.oid = ANY (dirty) AND o.kind = 'r' AND ${isBloated};`
  return `
${FORGET_BASELINE};
CREATE SCHEMA ${BASELINE_SCHEMA};
CREATE TABLE ${BASELINE_SCHEMA}.relations (
  oid oid PRIMARY KEY,
  kind "char" NOT NULL,
  name text NOT NULL,
  -- What goes before and after: whatever would interfere is switched off, and on again.
  prepare text NOT NULL DEFAULT '',
  finish text NOT NULL DEFAULT '',
  -- Puts rows back into an empty table, or the whole sequence or view.
  restore text,
  filled boolean NOT NULL,
  -- No foreign key refers to it.
  leaf boolean NOT NULL,
  -- It may be restored whether or not triggers and foreign keys notice.
  plain boolean,
  -- Foreign keys that look for rows whenever one of its is deleted.
  referring bigint NOT NULL DEFAULT 0,
  -- Row security hides rows also from whoever resets.
  hidden boolean NOT NULL DEFAULT false,
  content numeric,
  counter bigint,
  file oid,
  state text
);
CREATE TABLE ${BASELINE_SCHEMA}.catalog (counter text, fingerprint text, unheard text, roles text, silent boolean,
  forgotten timestamptz);
${functions}
${STATE_FUNCTIONS}
${captureRows(strategy)}
CREATE FUNCTION ${BASELINE_SCHEMA}.restore(checked boolean) RETURNS text LANGUAGE plpgsql
  SET datestyle = 'ISO, MDY' SET intervalstyle = 'postgres' AS $restore$
DECLARE
  dirty oid[];
  doubtful oid[];
  interfering boolean;
  viewed boolean;
  statements text;
  bloated text;
BEGIN
  ${before}
  ${findDirty(detector)}
  ${RESTORE_ROWS[strategy](detector)}
  -- Volatile ones show something else after each REFRESH.
  IF viewed AND EXISTS (SELECT FROM ${BASELINE_SCHEMA}.relations o WHERE o.oid = ANY (dirty) AND o.kind = 'm'
             AND o.filled AND o.content IS DISTINCT FROM ${BASELINE_SCHEMA}.content(o.name)) THEN
    RETURN '${SCHEMA_CHANGED}';
  END IF;
  UPDATE ${BASELINE_SCHEMA}.relations o SET ${detector.note} WHERE o.oid = ANY (dirty) AND (${detector.isNoted});
  ${detector.noteAll === undefined ? '' : `${detector.noteAll};`}
  IF statements IS NULL OR statements ~ '(TRUNCATE|ALTER|REFRESH) ' THEN
    ${after}
  END IF;
  ${bloated}
  RETURN concat_ws(' ', cardinality(dirty), bloated);
END $restore$;
${generated}
INSERT INTO ${BASELINE_SCHEMA}.catalog (fingerprint) VALUES (${BASELINE_SCHEMA}.fingerprint());
ANALYZE ${BASELINE_SCHEMA}.relations;
`
}

/** PL/pgSQL that finds the relations to restore, and returns when there are none. */
function findDirty({ relations, isDirty, doubt }: Detector): string {
  if (doubt === undefined) {
    return `
  SELECT array_agg(o.oid), bool_or(o.prepare <> ''), bool_or(o.kind = 'm')
  INTO dirty, interfering, viewed FROM ${relations} WHERE ${isDirty};
  IF dirty IS NULL THEN
    RETURN NULL;
  END IF;`
  }
  const { isDoubtful, confirm } = doubt
  return `
  SELECT array_agg(o.oid) FILTER (WHERE NOT ${isDoubtful}), array_agg(o.oid) FILTER (WHERE ${isDoubtful})
  INTO dirty, doubtful FROM ${relations} WHERE ${isDirty};
  IF doubtful IS NOT NULL THEN
    dirty := dirty || ${confirm}(doubtful);
  END IF;
  IF dirty IS NULL OR dirty = '{}' THEN
    RETURN NULL;
  END IF;
  SELECT bool_or(o.prepare <> ''), bool_or(o.kind = 'm') INTO interfering, viewed
  FROM ${BASELINE_SCHEMA}.relations o WHERE o.oid = ANY (dirty);`
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
CREATE FUNCTION ${BASELINE_SCHEMA}.content(name text) RETURNS numeric LANGUAGE plpgsql
  SET datestyle = 'ISO, MDY' SET intervalstyle = 'postgres' SET timezone = 'UTC'
  SET extra_float_digits = 1 SET bytea_output = 'hex' SET search_path = pg_catalog AS $content$
DECLARE
  content numeric;
BEGIN
  EXECUTE 'SELECT count(*) + sum(hashtextextended(x::text, 0)) FROM ' || name || ' x' INTO content;
  RETURN content;
END $content$;
`

// Under the replica role, only what asks for it fires; row security is then nothing to a superuser.
const FIRING: Readonly<Record<RestoreStrategy, string>> = {
  replica: `'A', 'R'`,
  sparing: `'A', 'R'`,
  'replica-owner': `'A', 'R'`,
  owner: `'A', 'O'`,
}

// Before PostgreSQL 15 what a partition has from its parent is internal, as what belongs to a foreign key is.
const OF_USERS = `(NOT t.tgisinternal OR t.tgparentid <> 0 AND NOT EXISTS (
          SELECT FROM pg_constraint f WHERE f.oid = t.tgconstraint AND f.contype = 'f'))`

// What only that strategy asks for.
const NOTE_PLAIN = `UPDATE ${BASELINE_SCHEMA}.relations o SET plain = ${IS_PLAIN};
  UPDATE ${BASELINE_SCHEMA}.relations o SET referring = f.number
  FROM (SELECT confrelid, count(*) AS number FROM pg_constraint WHERE contype = 'f' GROUP BY confrelid) f
  WHERE f.confrelid = o.oid;`

function captureRows(strategy: RestoreStrategy): string {
  const isForced = strategy === 'replica' || strategy === 'sparing' ? 'false' : 'relation.forced'
  return `
DO $capture$
DECLARE
  relation record;
  filled boolean;
  columns text;
  copied text;
  restored text;
  fix text;
  switches record;
BEGIN
  -- Types are named with their schemas.
  PERFORM set_config('search_path', '', true), set_config('datestyle', 'ISO, MDY', true),
    set_config('intervalstyle', 'postgres', true), set_config('extra_float_digits', '1', true);
  FOR relation IN
    SELECT c.oid, c.relkind AS kind, format('%I.%I', n.nspname, c.relname) AS name,
           c.relispopulated AS populated, c.relforcerowsecurity AS forced,
           NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = c.oid) AS leaf
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'S', 'm') AND c.relpersistence <> 't'
      AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${BASELINE_SCHEMA}')
      AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.oid
  LOOP
    filled := false;
    fix := NULL;
    SELECT '' AS prepare, '' AS finish INTO switches;
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
      SELECT coalesce(string_agg(format('ALTER TABLE %s DISABLE %s %I;', relation.name, what, s.name), ''), '')
               || CASE WHEN ${isForced} THEN format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY;', relation.name)
                  ELSE '' END AS prepare,
             coalesce(string_agg(format('ALTER TABLE %s ENABLE%s %s %I;', relation.name,
               CASE s.enabled WHEN 'A' THEN ' ALWAYS' WHEN 'R' THEN ' REPLICA' ELSE '' END, what, s.name), ''), '')
               || CASE WHEN ${isForced} THEN format('ALTER TABLE %s FORCE ROW LEVEL SECURITY;', relation.name)
                  ELSE '' END AS finish
      INTO switches
      FROM (
        SELECT 'TRIGGER' AS what, t.tgname AS name, t.tgenabled AS enabled FROM pg_trigger t
        WHERE t.tgrelid = relation.oid AND ${OF_USERS}
        UNION ALL
        SELECT 'RULE', r.rulename, r.ev_enabled FROM pg_rewrite r
        WHERE r.ev_class = relation.oid) s
      WHERE s.enabled IN (${FIRING[strategy]});
      EXECUTE switches.prepare;
      EXECUTE format('SELECT EXISTS (SELECT FROM ONLY %s)', relation.name) INTO filled;
      IF filled THEN
        SELECT '(' || string_agg(c.name, ', ' ORDER BY c.number) || ') OVERRIDING SYSTEM VALUE',
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
        fix := format('INSERT INTO %s %s SELECT %s FROM ${BASELINE_SCHEMA}.rows_%s',
                      relation.name, columns, restored, relation.oid);
      END IF;
      EXECUTE switches.finish;
    END CASE;
    INSERT INTO ${BASELINE_SCHEMA}.relations (oid, kind, name, prepare, finish, restore, filled, leaf, hidden)
    VALUES (relation.oid, relation.kind, relation.name, switches.prepare, switches.finish, fix, filled,
            relation.leaf, relation.kind = 'r' AND ${isForced});
  END LOOP;
  ${strategy === 'sparing' ? NOTE_PLAIN : ''}
  UPDATE ${BASELINE_SCHEMA}.relations o SET content = ${BASELINE_SCHEMA}.content(o.name)
  WHERE o.kind = 'm' AND o.filled;
END $capture$;
`
}
