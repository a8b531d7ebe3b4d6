import type { Executor } from '../../database/database.ts'
import { identifier } from '../../sql/identifier.ts'
import { literal } from '../../sql/literal.ts'
import { ownComment } from './template-note.ts'

interface Properties {
  readonly owner: string
  readonly connections: number
  /** Null while they are what a new database has. */
  readonly privileges: string | null
  readonly comment: string | null
}

interface Setting {
  /** Null for all. */
  readonly role: string | null
  readonly setting: string
}

interface Grant {
  readonly grantor: string
  readonly is_owners: boolean
  /** Null for everybody. */
  readonly grantee: string | null
  readonly privilege: string
  readonly grantable: boolean
}

const PROPERTIES = `
SELECT o.rolname AS owner, datconnlimit AS connections, shobj_description(d.oid, 'pg_database') AS comment,
  (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(datacl) a) || ';' AS privileges
FROM pg_database d JOIN pg_roles o ON o.oid = datdba`

const SETTINGS = `
SELECT r.rolname AS role, unnest(s.setconfig) AS setting
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole`

// Who may pass a privilege on must have it before doing so.
const GRANTS = `
SELECT g.rolname AS grantor, a.grantor = datdba AS is_owners, r.rolname AS grantee,
  a.privilege_type AS privilege, a.is_grantable AS grantable
FROM pg_database d CROSS JOIN aclexplode(datacl) a JOIN pg_roles g ON g.oid = a.grantor
LEFT JOIN pg_roles r ON r.oid = a.grantee`
const IN_ORDER = 'ORDER BY is_owners DESC, grantable DESC, grantee NULLS FIRST, privilege'

/**
 * Gives a copy of a database what PostgreSQL keeps beside it, and does not copy: its settings, owner, privileges,
 * limit of connections and comment.
 */
export async function copyProperties(executor: Executor, from: string, to: string): Promise<void> {
  const database = identifier(to)
  const of = (name: string): string => `WHERE datname = ${literal(name)}`
  const properties = async (name: string): Promise<Properties | undefined> =>
    (await executor.query<Properties>(`${PROPERTIES} ${of(name)}`)).rows[0]

  const { rows: settings } = await executor.query<Setting>(`${SETTINGS} ${of(from)}`)
  for (const setting of settings) await executor.query(settingSql(database, setting))

  const original = await properties(from)
  const copy = await properties(to)
  if (!original || !copy) return
  const statements: string[] = []
  // First: what the owner grants is known by its name.
  if (original.owner !== copy.owner) {
    statements.push(`ALTER DATABASE ${database} OWNER TO ${identifier(original.owner)}`)
  }
  if (original.connections !== copy.connections) {
    statements.push(`ALTER DATABASE ${database} CONNECTION LIMIT ${original.connections}`)
  }
  const comment = ownComment(original.comment)
  if (comment !== copy.comment) {
    statements.push(`COMMENT ON DATABASE ${database} IS ${literal(comment)}`)
  }
  if (original.privileges !== copy.privileges) {
    const { rows: grants } = await executor.query<Grant>(`${GRANTS} ${of(from)} ${IN_ORDER}`)
    statements.push(
      `REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${identifier(original.owner)}`,
      ...grants.map((grant) => grantSql(database, grant)),
    )
  }
  if (statements.length > 0) await executor.run(statements)
}

function settingSql(database: string, { role, setting }: Setting): string {
  const [name = '', ...value] = setting.split('=')
  const owner =
    role === null ? `DATABASE ${database}` : `ROLE ${identifier(role)} IN DATABASE ${database}`
  const values = isList(name) ? value.join('=') : literal(value.join('='))
  return `ALTER ${owner} SET ${name} TO ${values}`
}

/** Stored as it is to be written, with its quotes. */
function isList(setting: string): boolean {
  return /^(?:search_path|session_preload_libraries|local_preload_libraries|temp_tablespaces|DateStyle)$/i.test(
    setting,
  )
}

function grantSql(
  database: string,
  { grantor, is_owners: isOwners, grantee, privilege, grantable }: Grant,
): string {
  const to = grantee === null ? 'PUBLIC' : identifier(grantee)
  const grant = `GRANT ${privilege} ON DATABASE ${database} TO ${to}${grantable ? ' WITH GRANT OPTION' : ''}`
  // What a superuser grants is the owner's grant.
  if (isOwners) return grant
  return `DO ${literal(`BEGIN SET LOCAL ROLE ${identifier(grantor)}; ${grant}; END`)}`
}
