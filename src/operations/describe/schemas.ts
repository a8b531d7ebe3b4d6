import type { SchemaOperation } from '../schemas.ts'
import type { Describers } from './describers.ts'
import { quote } from './words.ts'

export const schemaDescribers: Describers<SchemaOperation> = {
  createExtension: (op) => `create extension ${quote(op.extension)}${along(op.cascade, 'needs')}`,
  createSchema: (op) => `create schema ${quote(op.schema)}`,
  dropExtension: (op) => `drop extension ${quote(op.extension)}${along(op.cascade, 'holds')}`,
  dropSchema: (op) => `drop schema ${quote(op.schema)}${along(op.cascade, 'holds')}`,
  renameSchema: (op) => `rename schema ${quote(op.schema)} to ${quote(op.to)}`,
}

function along(cascade: boolean | undefined, what: string): string {
  return cascade ? ` with all it ${what}` : ''
}
