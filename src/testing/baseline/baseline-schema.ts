/**
 * The schema that remembers the baseline. Its name begins like PostgreSQL's own: tools that list a
 * user's schemas leave it out.
 */
export const BASELINE_SCHEMA = 'pg_faasjs_baseline'

/**
 * Until the transaction ends, or the list of statements: no triggers and rules of the user's but those that
 * always fire, and no event triggers at all, where the server can switch them off (PostgreSQL 17).
 */
export const QUIETLY: string = `SELECT set_config('session_replication_role', 'replica', true);
SELECT set_config(name, 'off', true) FROM pg_settings WHERE name = 'event_triggers'`

/** Takes the record away, so that nothing in it depends on what migrations may drop. */
export const FORGET_BASELINE: string = `DROP SCHEMA IF EXISTS ${BASELINE_SCHEMA} CASCADE`

/** Bytes above which a table with dead rows is vacuumed: each reset leaves some, nobody else cleans. */
export const BLOATED = '64 * 8192'

/** What `restore()` answers when putting rows back is not enough. */
export const SCHEMA_CHANGED = 'schema'
