import { identifier } from '../../sql/identifier.ts'
import type { Temporary } from './belongings.ts'
import { type Engine, queryEngine } from './engine.ts'

/** How the names begin that temporary things have while others have the session. */
export const PARKED = 'pg_faasjs_parked_'

// Where there is such a setting, since PostgreSQL 17, and who may use it.
const SILENCE = `SELECT pg_catalog.set_config(s.name, 'off', true) FROM pg_catalog.pg_settings s
WHERE s.name = 'event_triggers'
  AND (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)`

const LIST = `
SELECT c.oid, c.relname, CASE c.relkind
    WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX'
    ELSE 'TABLE' END, ''
FROM pg_catalog.pg_class c
WHERE c.relnamespace = pg_catalog.pg_my_temp_schema() AND c.relkind IN ('r', 'p', 'v', 'S', 'i', 'I')
UNION ALL
SELECT p.oid, p.proname, 'ROUTINE', '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')'
FROM pg_catalog.pg_proc p WHERE p.pronamespace = pg_catalog.pg_my_temp_schema()
ORDER BY 1`

/** Everything in `pg_temp`, under the name it has now. */
export async function listTemporaries(engine: Engine): Promise<Temporary[]> {
  const rows = await queryEngine(engine, LIST)
  return rows.map(([oid, name, kind, args]) => ({
    oid: oid ?? '',
    name: name ?? '',
    kind: kind ?? '',
    arguments: args ?? '',
  }))
}

export function isParked(temporary: Temporary): boolean {
  return temporary.name.startsWith(PARKED)
}

/**
 * SQL that hides relations under names of this server's own, and gives others theirs back: the session
 * has one `pg_temp`, and each connection is to find its own there.
 */
export function swapTemporaries(
  hidden: readonly Temporary[],
  shown: readonly Temporary[],
): string | undefined {
  const renames = [
    ...hidden.map((temporary) => rename(temporary, temporary.name, parkedName(temporary))),
    ...shown.map((temporary) => rename(temporary, parkedName(temporary), temporary.name)),
  ]
  if (renames.length === 0) return undefined
  return withoutEventTriggers(renames)
}

/** SQL that drops relations, hidden or not. */
export function dropTemporaries(present: readonly Temporary[]): string {
  const drops = present.map(
    ({ kind, name, arguments: args }) =>
      `DROP ${kind} IF EXISTS pg_temp.${identifier(name)}${args} CASCADE`,
  )
  return withoutEventTriggers(drops)
}

function rename({ kind, arguments: args }: Temporary, from: string, to: string): string {
  return `ALTER ${kind} pg_temp.${identifier(from)}${args} RENAME TO ${identifier(to)}`
}

function parkedName({ oid }: Temporary): string {
  return `${PARKED}${oid}`
}

/** A user's event triggers are not to notice. */
function withoutEventTriggers(statements: readonly string[]): string {
  return ['BEGIN', SILENCE, ...statements, 'COMMIT'].join(';')
}
