import type { EnumOperation } from '../operations/enums.ts'
import type { Compilers } from './compilers.ts'
import { qualifiedName } from './identifier.ts'
import { literal } from './literal.ts'
import { replaceType } from './replace-type.ts'
import { words } from './words.ts'

export const enumCompilers: Compilers<EnumOperation> = {
  addTypeValue: (op) =>
    words(
      `ALTER TYPE ${qualifiedName(op.type)} ADD VALUE ${literal(op.value)}`,
      op.before !== undefined && `BEFORE ${literal(op.before)}`,
      op.after !== undefined && `AFTER ${literal(op.after)}`,
    ),

  createType: (op) =>
    `CREATE TYPE ${qualifiedName(op.type)} AS ENUM (${op.values.map(literal).join(', ')})`,

  renameTypeValue: (op) =>
    `ALTER TYPE ${qualifiedName(op.type)} RENAME VALUE ${literal(op.from)} TO ${literal(op.to)}`,

  replaceType,
}
