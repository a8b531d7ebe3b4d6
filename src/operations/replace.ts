/**
 * What happens to an object of that name: `true` replaces it in place, which keeps its privileges,
 * its comment and what depends on it; `'recreate'` does the same where PostgreSQL can, and where it
 * refuses drops the object and creates it anew.
 */
export type Replace = 'recreate' | true
