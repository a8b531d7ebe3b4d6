import type { SchemaOperation } from '../schemas.ts'
import type { Inverters } from './inverters.ts'
import { irreversible } from './recorded.ts'
import { recreated } from './recreated.ts'

export const schemaInverters: Inverters<SchemaOperation> = {
  createExtension: (operation) => {
    const { kind: _kind, extension, cascade, ...definition } = operation
    if (cascade) throw irreversible(operation, 'which other extensions CASCADE creates')
    return { kind: 'dropExtension', extension, was: definition }
  },
  createSchema: ({ kind: _kind, schema, ...definition }) => ({
    kind: 'dropSchema',
    schema,
    was: definition,
  }),
  dropExtension: (operation) => {
    if (operation.cascade && !operation.was?.followedBy) {
      throw irreversible(operation, 'what CASCADE drops with the extension')
    }
    return recreated(operation, 'the schema and version of the extension', (definition) => ({
      kind: 'createExtension',
      extension: operation.extension,
      ...definition,
    }))
  },
  dropSchema: (operation) => {
    if (operation.cascade && !operation.was?.followedBy) {
      throw irreversible(operation, 'what CASCADE drops with the schema')
    }
    return recreated(operation, 'the owner of the schema', (definition) => ({
      kind: 'createSchema',
      schema: operation.schema,
      ...definition,
    }))
  },
  renameSchema: ({ kind, schema, to }) => ({ kind, schema: to, to: schema }),
}
