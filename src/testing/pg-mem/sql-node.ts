import pg from 'pg'

/** A part of a parsed statement, as the parser of pg-mem makes it. */
export interface SqlNode {
  readonly type?: string
  readonly [key: string]: unknown
}

/** What the emulation does not do as PostgreSQL does. The session adds the statement. */
export class NotEmulated extends Error {}

/** Stops at what is not known to be right. */
export function refuse(why: string): never {
  throw new NotEmulated(why)
}

/** Fails as PostgreSQL does, in its words. */
export function fail(
  code: string,
  message: string,
  facts: { detail?: string; table?: string; column?: string; constraint?: string } = {},
): never {
  const error = new pg.DatabaseError(message, message.length, 'error')
  throw Object.assign(error, { severity: 'ERROR', code, ...facts })
}

/**
 * Makes sure that nothing is in a node but what is looked at: what the parser of a later pg-mem knows, too,
 * is refused instead of ignored.
 */
export function only(node: SqlNode, what: string, keys: readonly string[]): void {
  for (const [key, value] of Object.entries(node)) {
    if (key === 'type' || key === '_location' || keys.includes(key)) continue
    if (value === undefined || value === null || value === false) continue
    refuse(`${what} with ${key} is not emulated`)
  }
}

/** A child that is there. */
export function child(node: SqlNode, key: string): SqlNode {
  return node[key] as SqlNode
}

/** Children; none where the key is absent. */
export function children(node: SqlNode, key: string): readonly SqlNode[] {
  return (node[key] as readonly SqlNode[] | null | undefined) ?? []
}

/** A name given as `{ name }`. */
export function nameOf(node: unknown): string {
  return (node as { name: string }).name
}

/** The name of an object of the schema `public`, the only one that is emulated. */
export function publicName(node: unknown): string {
  const { name, schema } = node as { name: string; schema?: string }
  if (schema !== undefined && schema !== 'public') refuse(`the schema "${schema}" is not emulated`)
  if (/^(pg_|information_schema$)/.test(name)) refuse('system catalogs are not emulated')
  return name
}

/** Whether an expression names a column. */
export function hasReference(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasReference)
  if (typeof node !== 'object' || node === null) return false
  return (node as SqlNode).type === 'ref' || Object.values(node).some(hasReference)
}
