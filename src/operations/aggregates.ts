import type { QualifiedName } from './definitions.ts'
import type { Replace } from './replace.ts'
import type { Was } from './was.ts'

export interface AggregateArgument {
  readonly name?: string
  /** As written in SQL. */
  readonly type: string
  /** Default: `IN`. */
  readonly mode?: 'IN' | 'VARIADIC'
}

type Modify = 'READ_ONLY' | 'READ_WRITE' | 'SHAREABLE'

/** How values are gathered into a state, and the state becomes the result. */
export interface AggregateState {
  readonly stateFunction: QualifiedName
  readonly stateType: string
  /** About how many bytes a state has. */
  readonly stateSpace?: number
  /** The first state, as text. */
  readonly initial?: string
  readonly finalFunction?: QualifiedName
  /** It gets the types of the arguments too. */
  readonly finalExtra?: boolean
  readonly finalModify?: Modify
}

export interface AggregateDefinition extends AggregateState {
  readonly args: readonly AggregateArgument[]
  /** Arguments after ORDER BY: an ordered-set aggregate. */
  readonly orderBy?: readonly AggregateArgument[]
  readonly hypothetical?: boolean
  readonly combineFunction?: QualifiedName
  readonly serialFunction?: QualifiedName
  readonly deserialFunction?: QualifiedName
  /** For windows that move: rows leave the state again. */
  readonly moving?: AggregateState & { readonly inverseFunction: QualifiedName }
  readonly sortOperator?: { readonly schema?: string; readonly operator: string }
  readonly parallel?: 'RESTRICTED' | 'SAFE' | 'UNSAFE'
}

/** Which aggregate: its name, and the types of its arguments. */
export interface AggregateSignature {
  readonly args: readonly string[]
  readonly orderBy?: readonly string[]
}

export interface CreateAggregate extends AggregateDefinition {
  readonly kind: 'createAggregate'
  readonly aggregate: QualifiedName
  readonly replace?: Replace
  /** The aggregate that it replaces. */
  readonly was?: AggregateDefinition
}

export interface DropAggregate extends AggregateSignature {
  readonly kind: 'dropAggregate'
  readonly aggregate: QualifiedName
  readonly was?: Was<AggregateDefinition>
}

export interface RenameAggregate extends AggregateSignature {
  readonly kind: 'renameAggregate'
  readonly aggregate: QualifiedName
  readonly to: string
}

export function aggregateSignature(
  definition: Pick<AggregateDefinition, 'args' | 'orderBy'>,
): AggregateSignature {
  const { args, orderBy } = definition
  return { args: args.map(typeOf), ...(orderBy && { orderBy: orderBy.map(typeOf) }) }
}

function typeOf({ mode, type }: AggregateArgument): string {
  return mode === 'VARIADIC' ? `VARIADIC ${type}` : type
}
