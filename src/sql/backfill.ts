import type { Backfill } from '../operations/raw.ts'
import { defaultValue } from './columns.ts'
import { dollarQuoted } from './dollar-quoted.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { literal } from './literal.ts'

/** Where unfinished backfills keep their place. It is gone when there are none. */
const PROGRESS = 'faasjs_pg_backfills'

/**
 * One DO block that goes through the table by its primary key and commits after each batch. The place
 * it has reached is committed with the batch, so that the same block goes on after a crash.
 */
export function backfill(op: Backfill): string {
  const table = qualifiedName(op.table)
  const target = inFormat(table)
  const changes = Object.entries(op.set).map(
    ([column, value]) => `${identifier(column)} = ${defaultValue(value)}`,
  )
  const condition = op.where === undefined ? 'true' : `(${inFormat(op.where)})`
  // The same change of the same table is the same work, also in another run.
  const task = JSON.stringify([op.table, op.set, op.where ?? null])
  const batch = `WITH faasjs_pg_batch AS (
    SELECT %1$s FROM ${target}
    WHERE ($1 IS NULL OR (%2$s) > (%3$s)) AND ${condition}
    ORDER BY %2$s LIMIT ${op.batchSize}
  ), faasjs_pg_changed AS (
    UPDATE ${target} SET ${inFormat(changes.join(', '))} FROM faasjs_pg_batch WHERE %4$s
  )
  SELECT to_jsonb(faasjs_pg_batch) FROM faasjs_pg_batch ORDER BY %5$s LIMIT 1`
  const body = `DECLARE
  task CONSTANT text := ${literal(task)};
  place jsonb;
  keys text; names text; bounds text; match text; last_first text;
BEGIN
  SELECT string_agg(format('%I AS faasjs_pg_key_%s', a.attname, k.n), ', ' ORDER BY k.n),
         string_agg(format('%I', a.attname), ', ' ORDER BY k.n),
         string_agg(format('($1->>''faasjs_pg_key_%s'')::%s', k.n, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY k.n),
         string_agg(format(${literal(`${target}.%I = faasjs_pg_batch.faasjs_pg_key_%s`)}, a.attname, k.n), ' AND ' ORDER BY k.n),
         string_agg(format('faasjs_pg_key_%s DESC', k.n), ', ' ORDER BY k.n)
    INTO keys, names, bounds, match, last_first
    FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, n), pg_attribute a
    WHERE i.indrelid = ${literal(table)}::regclass AND i.indisprimary
      AND a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.n <= i.indnkeyatts;
  IF keys IS NULL THEN
    RAISE EXCEPTION 'table % has no primary key to go through it in batches', ${literal(table)}
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'add a primary key, or change the rows with one UPDATE';
  END IF;
  CREATE TABLE IF NOT EXISTS ${PROGRESS} (task text PRIMARY KEY, place jsonb);
  SELECT b.place INTO place FROM ${PROGRESS} b WHERE b.task = backfill.task;
  LOOP
    EXECUTE format(${dollarQuoted(batch, 'batch')}, keys, names, bounds, match, last_first)
      INTO place USING place;
    EXIT WHEN place IS NULL;
    INSERT INTO ${PROGRESS} VALUES (task, place)
      ON CONFLICT ON CONSTRAINT ${PROGRESS}_pkey DO UPDATE SET place = EXCLUDED.place;
    COMMIT;
    PERFORM pg_sleep(${op.pauseMs / 1000});
  END LOOP;
  DELETE FROM ${PROGRESS} b WHERE b.task = backfill.task;
  IF NOT EXISTS (SELECT FROM ${PROGRESS}) THEN
    DROP TABLE ${PROGRESS};
  END IF;
END`
  return `DO ${dollarQuoted(`<<backfill>>\n${body}`, 'do')}`
}

/** SQL as it stands in the first argument of PostgreSQL's format(). */
function inFormat(sql: string): string {
  return sql.replaceAll('%', '%%')
}
