import type { Operation } from '../operation.ts'
import type { Was } from '../was.ts'
import { recorded } from './recorded.ts'

/** Creates what was dropped once more, with what was done to it since. */
export function recreated<Definition>(
  operation: Operation & { readonly was?: Was<Definition> },
  missing: string,
  create: (definition: Definition) => Operation,
): readonly Operation[] {
  const { followedBy = [], ...definition } = recorded(operation, missing) as Was<object>
  return [create(definition as Definition), ...followedBy]
}
