import { BASELINE_SCHEMA } from './baseline-schema.ts'
import { hasSequenceData } from './detector.ts'

/** Relations that one statement looks at: a statement is planned anew when one of them was truncated. */
const TOGETHER = 50

/**
 * Makes the functions that look into relations. What they run is written out for each of them, as it is planned
 * once in a session then: a statement that is put together costs several times what it takes to run it.
 *
 * `states()` returns what the rows of each table with rows are now, and the numbers of each sequence where the
 * server has no function for them. `occupied()` returns which of these tables have rows.
 *
 * @param server - Its version, for example `180004`, and whether the role may read everything.
 */
export function serverDetection(server: {
  readonly version: number
  readonly isSuperuser: boolean
}): string {
  const withSequences = hasSequenceData(server.version) ? 'false' : `o.kind = 'S'`
  // The right to read a table is one of its own: then all of them are emptied.
  const unlessForbidden = server.isSuperuser
    ? ''
    : 'EXCEPTION WHEN insufficient_privilege THEN RETURN tables; '
  return `
DO $detection$
DECLARE
  looks text;
BEGIN
  SELECT string_agg('RETURN QUERY ' || look || ';', '' ORDER BY part) INTO looks
  FROM (
    SELECT part, string_agg(look, ' UNION ALL ' ORDER BY oid) AS look
    FROM (
      SELECT o.oid, (row_number() OVER (ORDER BY o.oid) - 1) / ${TOGETHER} AS part,
        CASE WHEN o.kind = 'S'
          THEN format('SELECT %s::oid, last_value || '' '' || is_called FROM %s', o.oid, o.name)
          ELSE format('SELECT %s::oid, concat(count(*), '' '', max(xmin::text::bigint)) FROM ONLY %s',
                      o.oid, o.name) END AS look
      FROM ${BASELINE_SCHEMA}.relations o
      WHERE ${withSequences} OR o.filled AND NOT o.hidden) o
    GROUP BY part) parts;
  EXECUTE format('CREATE FUNCTION ${BASELINE_SCHEMA}.states() RETURNS TABLE (relation oid, state text)
    LANGUAGE plpgsql AS %L', 'BEGIN ' || coalesce(looks, '') || 'RETURN; END');
  SELECT string_agg(format('IF tables && %L::oid[] THEN
      present := present || array_remove(ARRAY[%s], NULL);
    END IF;', oids, look), '' ORDER BY part) INTO looks
  FROM (
    SELECT part, array_agg(oid) AS oids,
      string_agg(format('CASE WHEN EXISTS (SELECT FROM ONLY %s) THEN %s::oid END', name, oid), ',') AS look
    FROM (
      SELECT o.oid, o.name, (row_number() OVER (ORDER BY o.oid) - 1) / ${TOGETHER} AS part
      FROM ${BASELINE_SCHEMA}.relations o
      WHERE o.kind = 'r' AND NOT o.filled AND NOT o.hidden) o
    GROUP BY part) parts;
  EXECUTE format('CREATE FUNCTION ${BASELINE_SCHEMA}.occupied(tables oid[]) RETURNS oid[]
    LANGUAGE plpgsql AS %L', 'DECLARE present oid[] := ''{}''; BEGIN ' || coalesce(looks, '')
    || 'RETURN array(SELECT unnest(present) INTERSECT SELECT unnest(tables)); ${unlessForbidden}END');
END $detection$;
`
}
