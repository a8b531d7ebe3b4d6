import type { QualifiedName } from './definitions.ts'
import type { Was } from './was.ts'

export type SequenceOperation = AlterSequence | CreateSequence | DropSequence | RenameSequence

export type SequenceType = 'bigint' | 'integer' | 'smallint'

/** Numbers are digits in a string: they may pass what a JavaScript number can hold. */
export interface SequenceDefinition {
  readonly as?: SequenceType
  readonly start?: string
  readonly increment?: string
  /** `null`: the least there is for the type, or 1 for an ascending sequence. */
  readonly min?: string | null
  /** `null`: the greatest there is for the type, or -1 for a descending sequence. */
  readonly max?: string | null
  /** How many numbers a session takes at once. */
  readonly cache?: string
  /** Starts over where it would end. */
  readonly cycle?: boolean
  /** The column that it goes with: it is dropped with it. `null`: none. */
  readonly ownedBy?: { readonly table: QualifiedName; readonly column: string } | null
}

export interface SequenceChanges extends SequenceDefinition {
  /** The next number; `true`: where the sequence starts. */
  readonly restart?: string | true
}

interface OnSequence {
  readonly sequence: QualifiedName
}

export interface CreateSequence extends OnSequence, SequenceDefinition {
  readonly kind: 'createSequence'
}

export interface AlterSequence extends OnSequence {
  readonly kind: 'alterSequence'
  readonly changes: SequenceChanges
  /** The definition before: what is absent was PostgreSQL's default. */
  readonly was?: SequenceChanges
}

export interface RenameSequence extends OnSequence {
  readonly kind: 'renameSequence'
  /** The new name; a sequence stays in its schema when it is renamed. */
  readonly to: string
}

export interface DropSequence extends OnSequence {
  readonly kind: 'dropSequence'
  readonly was?: Was<SequenceDefinition>
}
