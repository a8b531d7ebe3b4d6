/**
 * The schema that remembers the baseline. Its name begins like PostgreSQL's own: tools that list a
 * user's schemas leave it out.
 */
export const BASELINE_SCHEMA = 'pg_faasjs_baseline'

/** Takes the record away, so that nothing in it depends on what migrations may drop. */
export const FORGET_BASELINE: string = `DROP SCHEMA IF EXISTS ${BASELINE_SCHEMA} CASCADE`

/** What `restore()` answers when putting rows back is not enough. */
export const SCHEMA_CHANGED = 'schema'
