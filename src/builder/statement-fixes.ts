import type { Operation } from '../operations/operation.ts'
import { qualifiedName } from '../sql/identifier.ts'

/** What is known of a failed statement: its operation, and what the server's message names. */
interface Failed {
  readonly operation: Operation | undefined
  readonly name: string | undefined
}

type Fix = string | ((failed: Failed) => string)

/** What to do with a change that cannot be part of a transaction. */
export const OUTSIDE_FIX =
  'it cannot be part of a transaction: put it in a migration of its own with "export const transaction = false"'

/** What to do next, by SQLSTATE. */
const DEFAULT_FIX =
  'correct what the message names: a default is a value that the type can hold, .defaultTo(0), or an expression, .defaultTo(sql`…`)'

const hasDefault = (operation: Operation | undefined): boolean =>
  ['addColumn', 'createTable', 'setDefault'].includes(operation?.kind ?? '')

const unreadable: Fix = ({ operation }) => {
  if (operation?.kind === 'replaceType') {
    return "keep the value, or say what it becomes: { map: { old: 'new' } }"
  }
  return hasDefault(operation) ? DEFAULT_FIX : 'correct the value, or convert it with { using: … }'
}

const DROP_FIRST = 'drop what the message names first, and create it again afterwards'

const FIXES: Readonly<Record<string, Fix>> = {
  '0A000': ({ operation }) =>
    operation?.kind === 'replaceType'
      ? DROP_FIRST
      : 'PostgreSQL does not support this combination: see the message, and the manual of your version',
  '22001': 'give the column a longer type, or shorten the values first',
  '22003': 'give the column a wider type, or correct the values first',
  '22007': unreadable,
  '22008': unreadable,
  '22023': 'correct the value that the message names',
  '22P02': unreadable,
  '23502': ({ operation }) =>
    operation?.kind === 'addColumn'
      ? 'give the column a default, or a value for the rows that are there: .backfill(value)'
      : 'fill the NULLs first: builder.raw("UPDATE … SET … WHERE … IS NULL")',
  '23503': 'remove or correct the rows that reference nothing first',
  '23505': 'remove the duplicates first',
  '23514': 'correct the rows that break the check first',
  '25001': OUTSIDE_FIX,
  '2D000':
    'it commits as it goes: put it in a migration of its own with "export const transaction = false"',
  '2BP01': 'drop what depends on it first; the detail names it',
  '3F000': 'create the schema first: builder.createSchema(…), or correct its name',
  '40P01': 'run it again: another session waited for us while we waited for it',
  '42501': 'run it as a role that owns the object, or grant the privilege',
  '42601': ({ operation }) =>
    // What older servers say of a generated column that uses the type: nothing of it is the user's SQL.
    operation?.kind === 'replaceType' ? DROP_FIRST : 'correct the SQL at the marked place',
  '42701': 'the column is there already: remove this call, or use another name',
  '42703': 'correct the name of the column, or add the column first',
  '42704': 'create the type, collation or index first, or correct its name',
  '42710': 'it is there already: remove this call, or use another name',
  '42804': ({ operation }) =>
    hasDefault(operation)
      ? DEFAULT_FIX
      : 'say how to convert the old value: { type, using: "column::type" }; a default may need { dropDefault: true } first',
  '42809': 'it is an object of another sort: use the call that is for it',
  '42830': 'give the referenced columns a unique constraint or a primary key first',
  '42883': 'correct the function or its argument types; an extension may have to be created first',
  '42P01': ({ name }) =>
    name === undefined
      ? 'create the table first, or correct its name and schema'
      : `create the table first, builder.createTable('${name}', (table) => { table.id() }), or correct its name and schema`,
  '42P06': 'the schema is there already: remove this call',
  '42P07': ({ operation }) => {
    const again = 'it is there already: remove this call, or use another name'
    if (operation?.kind === 'createTable') {
      const { schema, name } = operation.table
      const table = schema === undefined ? name : `${schema}.${name}`
      return `it is there already: remove this call, use another name, or change what is there: builder.alterTable(${JSON.stringify(table)}, (table) => { … })`
    }
    if (operation?.kind !== 'createIndex' || !operation.concurrently) return again
    const index = qualifiedName({ ...operation.table, name: operation.index.name })
    return `an earlier try left it invalid: DROP INDEX CONCURRENTLY ${index}, then run again. If it is valid, ${again}`
  },
  '42P13': ({ operation }) =>
    operation && 'replace' in operation
      ? "write { replace: 'recreate' }: it is dropped and created where it cannot be replaced in place"
      : 'correct the definition: see the message',
  '42P16': ({ operation }) =>
    operation?.kind === 'createView' && operation.replace
      ? "write { replace: 'recreate' }: the view is dropped and created where it cannot be replaced in place"
      : 'correct the definition: see the message',
  '53300': 'close other connections, or raise max_connections',
  '55006': 'commit the data changes of this table in an earlier migration',
  '55P03': 'run it again when the table is less busy: another session held the lock',
  '55P04': 'use the new value in a later migration: PostgreSQL needs the addition committed first',
  '57014': 'run it again; the statement was cancelled, or took longer than statement_timeout',
}

/**
 * The next step for a failed statement.
 *
 * @param message - The server's, for the name that it speaks of.
 */
export function fixFor(
  sqlState: string | undefined,
  operation: Operation | undefined,
  message: string,
): string {
  const fix = sqlState === undefined ? undefined : FIXES[sqlState]
  if (fix === undefined) {
    return 'correct the statement, then run it again'
  }
  return typeof fix === 'string' ? fix : fix({ operation, name: onlyName(message) })
}

/** What a message quotes, where that is one plain name; the quotes are those of its language. */
function onlyName(message: string): string | undefined {
  return /^[^"„«“”»]*["„«“]\s?([\w.$-]+)\s?["“”»][^"„«“”»]*$/u.exec(message)?.[1]
}
