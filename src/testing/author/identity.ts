import type { Executor } from '../../database/database.ts'
import { messageOf, sqlStateOf } from '../../database/engines/driver-error.ts'
import { TestDatabaseError } from '../../errors.ts'

/** Who runs statements: see `TestDb.as`. */
export interface Identity {
  /** The role, which row level security and privileges look at. */
  readonly role?: string
  /** What `current_setting('request.jwt.claims')` returns as JSON, as PostgREST and Supabase set it. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Other settings, such as `{ 'app.tenant': '7' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Somebody seen by somebody: what the inner one does not say is the outer one's. */
export function mergeIdentities(outer: Identity | undefined, inner: Identity): Identity {
  return { ...outer, ...inner, settings: { ...outer?.settings, ...inner.settings } }
}

/** Takes on an identity until the transaction ends. */
export async function assume(transaction: Executor, identity: Identity): Promise<void> {
  for (const [name, value] of settingsOf(identity)) {
    try {
      await transaction.query('SELECT set_config($1, $2, true)', [name, value])
    } catch (error) {
      throw refused(name, value, error)
    }
  }
}

/** Runs work as somebody, in the middle of a transaction that goes on as who it was. */
export async function actAs<T>(
  transaction: Executor,
  identity: Identity,
  work: () => Promise<T>,
): Promise<T> {
  const names = settingsOf(identity).map(([name]) => name)
  const { rows } = await transaction.query<{ name: string; value: string }>(
    `SELECT name, coalesce(current_setting(name, true), '') AS value FROM unnest($1::text[]) AS name`,
    [names],
  )
  await transaction.query('SAVEPOINT faasjs_pg_identity')
  try {
    await assume(transaction, identity)
    const result = await work()
    await transaction.query('RELEASE SAVEPOINT faasjs_pg_identity')
    for (const { name, value } of rows) {
      await transaction.query('SELECT set_config($1, $2, true)', [name, value])
    }
    return result
  } catch (error) {
    await transaction.query(
      'ROLLBACK TO SAVEPOINT faasjs_pg_identity; RELEASE SAVEPOINT faasjs_pg_identity',
    )
    throw error
  }
}

/** The role comes last: it may not be allowed to set the others. */
function settingsOf({ role, claims, settings = {} }: Identity): [string, string][] {
  const all = Object.entries(settings)
  if (claims) all.push(['request.jwt.claims', JSON.stringify(claims)])
  if (role !== undefined) all.push(['role', role])
  return all
}

function refused(name: string, value: string, cause: unknown): TestDatabaseError {
  const sqlState = sqlStateOf(cause)
  const isRole = name === 'role'
  return new TestDatabaseError('IDENTITY_REFUSED', {
    what: isRole
      ? `nobody can be the role "${value}" here`
      : `the setting "${name}" cannot be "${value}"`,
    why: `${messageOf(cause)}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}`,
    fix: isRole
      ? 'create the role in a migration or a seed, and grant it to the user of the test database'
      : 'correct the name or the value: settings of your own have a dot in their names',
    details: { setting: name, ...(sqlState !== undefined && { sqlState }) },
    cause,
  })
}
