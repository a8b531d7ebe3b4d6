/** Objects with lower numbers come with PostgreSQL. */
export const USER_OIDS = 16384

/** Privileges in force: an object that was never granted on has those of its kind. */
export function privileges(acl: string, kind: string, owner: string): string {
  return `(SELECT json_agg(one::text ORDER BY one::text) FROM unnest(coalesce(${acl}, acldefault(${kind}, ${owner}))) AS one)`
}

/** SQL that servers from a major version on understand, and NULL for others. */
export type Since = (major: number, sql: string) => string

/** Queries of parts of the catalog, as a server has it. */
export type Sections = (since: Since) => Readonly<Record<string, string>>
