import { BASELINE_SCHEMA } from './baseline-schema.ts'

/** What `reset()` answers when nothing has been written since the last one. */
export const UNCHANGED = 'unchanged'
/** What it answers when other sessions are in a transaction, or one is prepared: nothing was done. */
export const TRANSACTION_OPEN = 'open'

// What pg_stat_activity shows, without the names that cost it half a millisecond.
/** `FROM` and `WHERE` of the sessions that are in a transaction. */
export const OPEN_TRANSACTIONS = `FROM pg_stat_get_activity(NULL)
WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()
  AND backend_type = 'client backend' AND xact_start IS NOT NULL`

/** The same of prepared transactions. */
export const PREPARED_TRANSACTIONS = 'FROM pg_prepared_xacts WHERE database = current_database()'

/**
 * Makes the procedure `reset()`, the whole way from a look to the mark of the next one in a single message.
 *
 * `mark` is what has been written on the server when the baseline was in place last, and becomes what has been
 * now; null when that does not say everything. `outcome` is what `restore()` returns, or one of the above.
 * `roles` says whether those of the server were changed. `ending` passes over transactions: they were ended.
 */
export function resetProcedure(isSuperuser: boolean): string {
  const mark = `concat_ws(' ', pg_current_wal_insert_lsn(), pg_snapshot_xmax(pg_current_snapshot())${
    // ALTER SYSTEM writes a file, and no log.
    isSuperuser ? `, (SELECT modification FROM pg_stat_file('postgresql.auto.conf', true))` : ''
  })`
  return `
CREATE PROCEDURE ${BASELINE_SCHEMA}.reset(
  INOUT mark text, ending boolean, INOUT outcome text, INOUT roles boolean) LANGUAGE plpgsql AS $reset$
DECLARE
  clean text := mark;
  busy boolean;
BEGIN
  mark := NULL;
  IF NOT ending THEN
    SELECT ${mark}, EXISTS (SELECT ${OPEN_TRANSACTIONS}) OR EXISTS (SELECT ${PREPARED_TRANSACTIONS})
    INTO mark, busy;
    IF busy THEN
      mark := NULL;
      outcome := '${TRANSACTION_OPEN}';
      RETURN;
    ELSIF mark = clean THEN
      outcome := '${UNCHANGED}';
      RETURN;
    END IF;
  END IF;
  outcome := ${BASELINE_SCHEMA}.restore(true);
  roles := ${BASELINE_SCHEMA}.notice_roles();
  -- What ends a transaction is written, too.
  COMMIT;
  -- Numbers of sequences without a log leave no trace.
  mark := (SELECT CASE WHEN NOT c.silent THEN ${mark} END FROM ${BASELINE_SCHEMA}.catalog c);
END $reset$;
`
}
