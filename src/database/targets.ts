import type { Database } from './database.ts'

// What is needed of the objects that users pass in, so that the declarations of this package do not
// depend on those of `pg` and `@electric-sql/pglite`.

/** A Client of `pg`, or one that a Pool has lent out. */
export interface PgClientLike {
  connect(...args: never[]): unknown
  query(text: string): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  escapeIdentifier(name: string): string
}

/** A Pool of `pg`. */
export interface PgPoolLike {
  connect(): Promise<PgClientLike>
  query(text: string): unknown
  readonly totalCount: number
  readonly idleCount: number
}

/** An instance of PGlite. */
export interface PGliteLike {
  query(sql: string): Promise<{ rows: unknown[] }>
  exec(sql: string): Promise<{ rows: unknown[] }[]>
  readonly waitReady: Promise<void>
  readonly closed: boolean
}

/** Everything that `openDatabase` opens. */
export type DatabaseTarget = Database | string | PgPoolLike | PgClientLike | PGliteLike

export function isDatabase(target: object): target is Database {
  return has(target, 'session', 'transaction', 'run', 'query') && 'capabilities' in target
}

export function isPGlite(target: object): target is PGliteLike {
  return has(target, 'query', 'exec') && 'waitReady' in target
}

export function isPgPool(target: object): target is PgPoolLike {
  return has(target, 'connect', 'query') && 'totalCount' in target && 'idleCount' in target
}

export function isPgClient(target: object): target is PgClientLike {
  // A client of pg-native looks the same and works in another way.
  return has(target, 'connect', 'query', 'on', 'escapeIdentifier') && !('native' in target)
}

function has(target: object, ...methods: string[]): boolean {
  return methods.every((method) => typeof Reflect.get(target, method) === 'function')
}
