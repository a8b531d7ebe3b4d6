import { BASELINE_SCHEMA } from './baseline-schema.ts'

/**
 * How it is found out which relations were written to. Both are SQL over `o`, a row of `relations`, and
 * must err on one side only: what is not dirty for sure is dirty.
 */
export interface Detector {
  /** `FROM` item, `o` and what the conditions need besides. */
  readonly relations: string
  /** Condition: it may differ from the baseline. */
  readonly isDirty: string
  /** Some of those that may differ are known for sure only after a closer look, which is dearer. */
  readonly doubt?: {
    readonly isDoubtful: string
    /** A function that takes an array of them, and returns those that differ. */
    readonly confirm: string
  }
  /** Condition of a table: it has so many rows that TRUNCATE is faster than DELETE. */
  readonly isLarge: string
  /** Number: at least as many rows of a table as were written, where that is known. */
  readonly written?: string
  /** Assignments that note the present state as the baseline's. */
  readonly note: string
  /** Condition of one that was restored: its state differs from what was noted. */
  readonly isNoted: string
  /** Statement that notes what concerns all of them. */
  readonly noteAll?: string
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

/** When counters were set back to nothing: whatever they say then, they say by chance. */
export const FORGOTTEN_AT: string =
  'pg_stat_get_db_stat_reset_time((SELECT oid FROM pg_database WHERE datname = current_database()))'

/**
 * By PostgreSQL's statistics, which are exact and immediate where there is a single session. TRUNCATE is
 * not counted, but it makes a new file.
 */
export const COUNTERS: Detector = {
  relations: `${BASELINE_SCHEMA}.relations o`,
  // Sizes are dear: files are looked up in JavaScript. What the baseline has is deleted, too.
  isLarge: `CASE WHEN o.filled THEN ${SIZE} ELSE ${TUPLE_COUNTER} - o.counter > 2000 END`,
  written: `${TUPLE_COUNTER} - o.counter`,
  isDirty: `o.counter <> ${COUNTER} OR o.file IS DISTINCT FROM pg_relation_filenode(o.oid)
    OR (SELECT c.forgotten IS DISTINCT FROM ${FORGOTTEN_AT} FROM ${BASELINE_SCHEMA}.catalog c)`,
  note: `counter = ${COUNTER}, file = pg_relation_filenode(o.oid)`,
  isNoted: 'true',
  noteAll: `UPDATE ${BASELINE_SCHEMA}.catalog SET forgotten = ${FORGOTTEN_AT} WHERE forgotten IS DISTINCT FROM ${FORGOTTEN_AT}`,
}

/**
 * By size and content, for a server: statistics of other sessions arrive late. A table that was empty is
 * clean as long as its file is, or has no rows; of one with rows their number and youngest transaction are
 * compared.
 *
 * @param version - Of the server, for example `180004`.
 */
export function sizes(version: number): Detector {
  const present = hasSequenceData(version)
    ? `CASE WHEN o.kind = 'S' THEN
         (SELECT s.last_value || ' ' || s.is_called FROM pg_get_sequence_data(o.oid) s)
       ELSE p.state END`
    : 'p.state'
  return {
    relations: `${BASELINE_SCHEMA}.relations o LEFT JOIN ${BASELINE_SCHEMA}.states() p ON p.relation = o.oid`,
    isDirty: `CASE WHEN o.file IS DISTINCT FROM pg_relation_filenode(o.oid) OR o.hidden AND o.filled
         THEN true
       WHEN o.kind = 'S' OR o.filled THEN o.state IS DISTINCT FROM (${present})
       ELSE pg_relation_size(o.oid) > 0 END`,
    // The file of a table from which rows were deleted stays.
    doubt: {
      isDoubtful: `(o.kind = 'r' AND NOT o.filled AND NOT o.hidden AND o.file = pg_relation_filenode(o.oid))`,
      confirm: `${BASELINE_SCHEMA}.occupied`,
    },
    isLarge: SIZE,
    note: `file = pg_relation_filenode(o.oid), state = CASE WHEN o.kind = 'S' THEN ${BASELINE_SCHEMA}.sequence_state(o.name)
  WHEN o.filled THEN ${BASELINE_SCHEMA}.rows_state(o.name) END`,
    isNoted: 'o.filled OR o.file IS DISTINCT FROM pg_relation_filenode(o.oid)',
  }
}

/** PostgreSQL has a function for the state of a sequence, which needs no statement of its own. */
export function hasSequenceData(version: number): boolean {
  return version >= 180000
}
