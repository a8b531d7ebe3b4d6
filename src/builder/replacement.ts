import { BuilderError } from '../errors.ts'
import type { Replace } from '../operations/replace.ts'

/** How something of the same name is replaced. */
export interface ReplaceOptions<Was> {
  /**
   * `true`: CREATE OR REPLACE. `'recreate'`: where PostgreSQL refuses that, drops the old one and
   * creates the new, which takes privileges and comments away. Default: `false`.
   */
  readonly replace?: Replace | false
  /** What is replaced, so that it can be undone. */
  readonly was?: Was
}

/** The part of an operation that says how it replaces. */
export function replacement<Was, Definition>(
  { replace, was }: ReplaceOptions<Was>,
  define: (was: Was) => Definition,
): { replace?: Replace; was?: Definition } {
  if (replace === undefined || replace === false) {
    if (was === undefined) return {}
    throw new BuilderError('BAD_DEFINITION', {
      what: '{ was } says what is replaced, but nothing is',
      fix: 'add { replace: true }, or leave out { was }',
    })
  }
  if (replace !== true && replace !== 'recreate') {
    throw new BuilderError('BAD_DEFINITION', {
      what: `${JSON.stringify(replace)} is not a value of replace`,
      fix: "use one of true, false, 'recreate'",
    })
  }
  return { replace, ...(was !== undefined && { was: define(was) }) }
}
