import type { Operation } from '../operations/operation.ts'
import { qualifiedName } from '../sql/identifier.ts'

type Fix = string | ((operation: Operation | undefined) => string)

/** What to do with a change that cannot be part of a transaction. */
export const OUTSIDE_FIX =
  'it cannot be part of a transaction: put it in a migration of its own with "export const transaction = false"'

/** What to do next, by SQLSTATE. */
const FIXES: Readonly<Record<string, Fix>> = {
  '0A000': (operation) =>
    operation?.kind === 'replaceType'
      ? 'drop what the message names first, and create it again afterwards'
      : 'PostgreSQL does not support this combination: see the message, and the manual of your version',
  '22001': 'give the column a longer type, or shorten the values first',
  '22003': 'give the column a wider type, or correct the values first',
  '22023': 'correct the value that the message names',
  '22P02': (operation) =>
    operation?.kind === 'replaceType'
      ? "keep the value, or say what it becomes: { map: { old: 'new' } }"
      : 'correct the value, or convert it with { using: … }',
  '23502': (operation) =>
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
  '42601': 'correct the SQL at the marked place',
  '42701': 'the column is there already: remove this call, or use another name',
  '42703': 'correct the name of the column, or add the column first',
  '42704': 'create the type, collation or index first, or correct its name',
  '42710': 'it is there already: remove this call, or use another name',
  '42804':
    'say how to convert the old value: { type, using: "column::type" }; a default may need { dropDefault: true } first',
  '42809': 'it is an object of another sort: use the call that is for it',
  '42830': 'give the referenced columns a unique constraint or a primary key first',
  '42883': 'correct the function or its argument types; an extension may have to be created first',
  '42P01': 'create the table first, or correct its name and schema',
  '42P06': 'the schema is there already: remove this call',
  '42P07': (operation) => {
    const again = 'it is there already: remove this call, or use another name'
    if (operation?.kind !== 'createIndex' || !operation.concurrently) return again
    const index = qualifiedName({ ...operation.table, name: operation.index.name })
    return `an earlier try left it invalid: DROP INDEX CONCURRENTLY ${index}, then run again. If it is valid, ${again}`
  },
  '42P13': (operation) =>
    operation && 'replace' in operation
      ? "write { replace: 'recreate' }: it is dropped and created where it cannot be replaced in place"
      : 'correct the definition: see the message',
  '42P16': (operation) =>
    operation?.kind === 'createView' && operation.replace
      ? "write { replace: 'recreate' }: the view is dropped and created where it cannot be replaced in place"
      : 'correct the definition: see the message',
  '53300': 'close other connections, or raise max_connections',
  '55006': 'commit the data changes of this table in an earlier migration',
  '55P03': 'run it again when the table is less busy: another session held the lock',
  '55P04': 'use the new value in a later migration: PostgreSQL needs the addition committed first',
  '57014': 'run it again; the statement was cancelled, or took longer than statement_timeout',
}

/** The next step for a failed statement. */
export function fixFor(sqlState: string | undefined, operation: Operation | undefined): string {
  const fix = sqlState === undefined ? undefined : FIXES[sqlState]
  if (fix === undefined) {
    return 'correct the statement, then run it again'
  }
  return typeof fix === 'string' ? fix : fix(operation)
}
