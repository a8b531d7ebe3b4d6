import type { SchemaOperation } from '../operations/schemas.ts'
import type { Compilers } from './compilers.ts'
import { identifier } from './identifier.ts'
import { literal } from './literal.ts'
import { roleName } from './roles.ts'
import { words } from './words.ts'

export const schemaCompilers: Compilers<SchemaOperation> = {
  createSchema: (op) =>
    words(
      `CREATE SCHEMA ${identifier(op.schema)}`,
      op.authorization && `AUTHORIZATION ${roleName(op.authorization)}`,
    ),

  renameSchema: (op) => `ALTER SCHEMA ${identifier(op.schema)} RENAME TO ${identifier(op.to)}`,

  dropSchema: (op) => words(`DROP SCHEMA ${identifier(op.schema)}`, op.cascade && 'CASCADE'),

  createExtension: (op) =>
    words(
      `CREATE EXTENSION ${identifier(op.extension)}`,
      op.schema !== undefined && `SCHEMA ${identifier(op.schema)}`,
      op.version !== undefined && `VERSION ${literal(op.version)}`,
      op.cascade && 'CASCADE',
    ),

  dropExtension: (op) =>
    words(`DROP EXTENSION ${identifier(op.extension)}`, op.cascade && 'CASCADE'),
}
