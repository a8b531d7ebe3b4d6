import type { QualifiedName } from '../operations/definitions.ts'
import type { AttributeType, RangeDefinition, TypeOperation } from '../operations/types.ts'
import type { Compilers } from './compilers.ts'
import { domainCompilers } from './domains.ts'
import { enumCompilers } from './enums.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { words } from './words.ts'

export const typeCompilers: Compilers<TypeOperation> = {
  ...domainCompilers,
  ...enumCompilers,

  addTypeAttribute: (op) =>
    alterAttribute(
      op,
      `ADD ATTRIBUTE ${identifier(op.attribute.name)} ${attributeType(op.attribute)}`,
    ),

  alterTypeAttribute: (op) =>
    alterAttribute(
      op,
      `ALTER ATTRIBUTE ${identifier(op.attribute)} SET DATA TYPE ${attributeType(op.to)}`,
    ),

  createCompositeType: (op) => {
    const attributes = op.attributes.map(
      (attribute) => `${identifier(attribute.name)} ${attributeType(attribute)}`,
    )
    return `CREATE TYPE ${qualifiedName(op.type)} AS (${attributes.join(', ')})`
  },

  createRange: (op) =>
    `CREATE TYPE ${qualifiedName(op.type)} AS RANGE (${rangeParts(op).join(', ')})`,

  dropType: (op) => `DROP TYPE ${qualifiedName(op.type)}`,

  dropTypeAttribute: (op) => alterAttribute(op, `DROP ATTRIBUTE ${identifier(op.attribute)}`),

  dropTypeIfExists: (op) => `DROP TYPE IF EXISTS ${qualifiedName(op.type)}`,

  renameType: (op) => `ALTER TYPE ${qualifiedName(op.type)} RENAME TO ${identifier(op.to)}`,

  renameTypeAttribute: (op) =>
    alterAttribute(op, `RENAME ATTRIBUTE ${identifier(op.from)} TO ${identifier(op.to)}`),
}

function alterAttribute(
  op: { readonly type: QualifiedName; readonly cascade?: boolean },
  change: string,
): string {
  return words(`ALTER TYPE ${qualifiedName(op.type)} ${change}`, op.cascade && 'CASCADE')
}

function attributeType({ type, collate }: AttributeType): string {
  return words(type, collate && `COLLATE ${qualifiedName(collate)}`)
}

function rangeParts(range: RangeDefinition): string[] {
  return [
    `SUBTYPE = ${range.subtype}`,
    ...named('SUBTYPE_OPCLASS', range.subtypeOpclass),
    ...named('COLLATION', range.collation),
    ...named('CANONICAL', range.canonical),
    ...named('SUBTYPE_DIFF', range.subtypeDiff),
    ...named('MULTIRANGE_TYPE_NAME', range.multirangeName),
  ]
}

function named(part: string, name: QualifiedName | undefined): string[] {
  return name === undefined ? [] : [`${part} = ${qualifiedName(name)}`]
}
