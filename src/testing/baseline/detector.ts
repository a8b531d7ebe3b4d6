import { BASELINE_SCHEMA } from './baseline-schema.ts'

/**
 * How it is found out which relations were written to. Both are SQL over `o`, a row of `relations`, and
 * must err on one side only: what is not dirty for sure is dirty.
 */
export interface Detector {
  /** Condition: it may differ from the baseline. */
  readonly isDirty: string
  /** Condition of a table: it has so many rows that TRUNCATE is faster than DELETE. */
  readonly isLarge: string
  /** Assignments that note the present state as the baseline's. */
  readonly note: string
}

/** Adds up what has been written to the relation `o.oid`: the flushed and the pending part. */
export const TUPLE_COUNTER: string =
  '(pg_stat_get_tuples_inserted(o.oid) + pg_stat_get_xact_tuples_inserted(o.oid)' +
  ' + pg_stat_get_tuples_updated(o.oid) + pg_stat_get_xact_tuples_updated(o.oid)' +
  ' + pg_stat_get_tuples_deleted(o.oid) + pg_stat_get_xact_tuples_deleted(o.oid))'

// Some 2,000 rows.
const SIZE = 'pg_relation_size(o.oid) > 24 * 8192'

// Every nextval() fetches the sequence's block, also for an insert that fails before it is a row.
const SEQUENCE_COUNTER =
  '(pg_stat_get_blocks_fetched(o.oid) + pg_stat_get_xact_blocks_fetched(o.oid))'

// Written out at each place, as a function would be slower.
const COUNTER = `CASE o.kind WHEN 'S' THEN ${SEQUENCE_COUNTER} ELSE ${TUPLE_COUNTER} END`

/**
 * By PostgreSQL's statistics, which are exact and immediate where there is a single session. TRUNCATE is
 * not counted, but it makes a new file.
 */
export const COUNTERS: Detector = {
  // Sizes are dear: files are looked up in JavaScript. What the baseline has is deleted, too.
  isLarge: `CASE WHEN o.filled THEN ${SIZE} ELSE ${TUPLE_COUNTER} - o.counter > 2000 END`,
  isDirty: `o.counter <> ${COUNTER} OR o.file IS DISTINCT FROM pg_relation_filenode(o.oid)`,
  note: `counter = ${COUNTER}, file = pg_relation_filenode(o.oid)`,
}

/**
 * By size and content, for a server: statistics of other sessions arrive late. A table that was empty is
 * clean as long as its file is; of one with rows their number and youngest transaction are compared.
 *
 * @param version - Of the server, for example `180004`.
 */
export function sizes(version: number): Detector {
  const sequence =
    version >= 180000
      ? `(SELECT concat(s.last_value, ' ', s.is_called) FROM pg_get_sequence_data(o.oid) s)`
      : `${BASELINE_SCHEMA}.sequence_state(o.name)`
  const state = `CASE WHEN o.kind = 'S' THEN ${sequence}
  WHEN o.filled THEN ${BASELINE_SCHEMA}.rows_state(o.name) END`
  return {
    isDirty: `CASE WHEN o.file IS DISTINCT FROM pg_relation_filenode(o.oid) OR o.hidden AND o.filled
         THEN true
       WHEN o.kind = 'S' OR o.filled THEN o.state IS DISTINCT FROM (${state})
       ELSE pg_relation_size(o.oid) > 0 END`,
    isLarge: SIZE,
    note: `file = pg_relation_filenode(o.oid), state = ${state}`,
  }
}
