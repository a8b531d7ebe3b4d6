import { defined } from '../defined.ts'
import type {
  AlterSequence,
  SequenceChanges,
  SequenceDefinition,
  SequenceOperation,
} from '../sequences.ts'
import type { Inverters } from './inverters.ts'
import { irreversible, recorded } from './recorded.ts'
import { recreated } from './recreated.ts'

export const sequenceInverters: Inverters<SequenceOperation> = {
  alterSequence: (operation) => {
    const was = recorded(operation, 'the definition of the sequence before it')
    return {
      kind: 'alterSequence',
      sequence: operation.sequence,
      changes: changesBack(operation, was),
      was: { ...was, ...operation.changes },
    }
  },
  createSequence: ({ kind: _kind, sequence, ...definition }) => ({
    kind: 'dropSequence',
    sequence,
    was: definition,
  }),
  dropSequence: (operation) =>
    recreated(operation, 'the definition of the sequence', (definition) => ({
      kind: 'createSequence',
      sequence: operation.sequence,
      ...definition,
    })),
  renameSequence: ({ kind, sequence, to }) => ({
    kind,
    sequence: { ...sequence, name: to },
    to: sequence.name,
  }),
}

/** For each part that changed, what it was: PostgreSQL's default where the definition is silent. */
function changesBack(operation: AlterSequence, was: SequenceChanges): SequenceChanges {
  const { changes } = operation
  if (changes.restart !== undefined && was.restart === undefined) {
    throw irreversible(operation, 'the next number of the sequence before it')
  }
  const before: Required<SequenceDefinition> = {
    as: was.as ?? 'bigint',
    start: was.start ?? defaultStart(was),
    increment: was.increment ?? '1',
    min: was.min ?? null,
    max: was.max ?? null,
    cache: was.cache ?? '1',
    cycle: was.cycle ?? false,
    ownedBy: was.ownedBy ?? null,
  }
  return Object.fromEntries(
    Object.entries(defined({ ...before, restart: was.restart })).filter(
      ([part]) => part in changes,
    ),
  )
}

function defaultStart({ increment, min, max }: SequenceDefinition): string {
  return increment?.startsWith('-') ? (max ?? '-1') : (min ?? '1')
}
