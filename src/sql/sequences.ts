import type { SequenceChanges, SequenceOperation } from '../operations/sequences.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { words } from './words.ts'

export const sequenceCompilers: Compilers<SequenceOperation> = {
  alterSequence: (op) => words(`ALTER SEQUENCE ${qualifiedName(op.sequence)}`, parts(op.changes)),

  createSequence: (op) => words(`CREATE SEQUENCE ${qualifiedName(op.sequence)}`, parts(op)),

  dropSequence: (op) => `DROP SEQUENCE ${qualifiedName(op.sequence)}`,

  renameSequence: (op) =>
    `ALTER SEQUENCE ${qualifiedName(op.sequence)} RENAME TO ${identifier(op.to)}`,
}

function parts(sequence: SequenceChanges): string {
  const { as, start, increment, cache, cycle, ownedBy, restart } = sequence
  return words(
    as && `AS ${as}`,
    increment !== undefined && `INCREMENT BY ${increment}`,
    limit('MINVALUE', sequence.min),
    limit('MAXVALUE', sequence.max),
    start !== undefined && `START WITH ${start}`,
    restart !== undefined && (restart === true ? 'RESTART' : `RESTART WITH ${restart}`),
    cache !== undefined && `CACHE ${cache}`,
    cycle !== undefined && (cycle ? 'CYCLE' : 'NO CYCLE'),
    owner(ownedBy),
  )
}

function limit(keyword: string, value: string | null | undefined): string | undefined {
  if (value === undefined) return undefined
  return value === null ? `NO ${keyword}` : `${keyword} ${value}`
}

function owner(ownedBy: SequenceChanges['ownedBy']): string | undefined {
  if (!ownedBy) return ownedBy === null ? 'OWNED BY NONE' : undefined
  return `OWNED BY ${qualifiedName(ownedBy.table)}.${identifier(ownedBy.column)}`
}
