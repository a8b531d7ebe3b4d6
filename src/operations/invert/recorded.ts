import { IrreversibleError } from '../../errors.ts'
import { describe } from '../describe.ts'
import type { Operation } from '../operation.ts'

/** What an operation destroys, where it is recorded; throws where it is not. */
export function recorded<T>(
  operation: Operation & { readonly was?: T },
  missing: string,
): NonNullable<T> {
  if (operation.was === undefined || operation.was === null) throw irreversible(operation, missing)
  return operation.was
}

export function irreversible(operation: Operation, missing: string): IrreversibleError {
  return new IrreversibleError('IRREVERSIBLE', {
    what: `"${operation.kind}" cannot be undone: ${describe(operation)}`,
    why: `${missing} is not recorded`,
    fix:
      operation.kind === 'raw'
        ? 'pass the SQL that undoes it, raw(up, down), or write "export function down(builder)"'
        : 'say what was there with { was: … } where the call takes it, or write "export function down(builder)"; "export const down = false" refuses on purpose',
    details: { operation },
  })
}
