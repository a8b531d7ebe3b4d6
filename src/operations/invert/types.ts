import type { QualifiedName } from '../definitions.ts'
import type { Operation } from '../operation.ts'
import type { TypeDefinition, TypeOperation } from '../types.ts'
import { domainInverters } from './domains.ts'
import { enumInverters } from './enums.ts'
import type { Inverters } from './inverters.ts'
import { irreversible, recorded } from './recorded.ts'
import { recreated } from './recreated.ts'

export const typeInverters: Inverters<TypeOperation> = {
  ...domainInverters,
  ...enumInverters,
  addTypeAttribute: ({ kind: _kind, attribute: { name, ...was }, ...rest }) => ({
    ...rest,
    kind: 'dropTypeAttribute',
    attribute: name,
    was,
  }),
  alterTypeAttribute: (operation) => ({
    ...operation,
    to: recorded(operation, 'the type of the attribute before it'),
    was: operation.to,
  }),
  createCompositeType: ({ type, attributes }) => ({ kind: 'dropType', type, was: { attributes } }),
  createRange: ({ kind: _kind, type, ...definition }) => ({
    kind: 'dropType',
    type,
    was: definition,
  }),
  dropType: (operation) =>
    recreated<TypeDefinition>(operation, 'the definition of the type', (definition) =>
      creation(operation.type, definition),
    ),
  dropTypeAttribute: (operation) => {
    const { kind: _kind, attribute, was: _was, ...rest } = operation
    const was = recorded(operation, 'the type of the attribute')
    return { ...rest, kind: 'addTypeAttribute', attribute: { name: attribute, ...was } }
  },
  dropTypeIfExists: (operation) => {
    throw irreversible(operation, 'whether there was such a type, and what it was made of,')
  },
  renameType: ({ kind, type, to }) => ({ kind, type: { ...type, name: to }, to: type.name }),
  renameTypeAttribute: ({ from, to, ...rest }) => ({ ...rest, from: to, to: from }),
}

function creation(type: QualifiedName, definition: TypeDefinition): Operation {
  if ('values' in definition) return { kind: 'createType', type, ...definition }
  if ('attributes' in definition) return { kind: 'createCompositeType', type, ...definition }
  return { kind: 'createRange', type, ...definition }
}
