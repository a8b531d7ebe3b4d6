import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { Database } from '../../src/database/database.ts'
import { tableShape } from '../helpers/table-shape.ts'

export const users = (builder: SchemaBuilder): unknown =>
  builder.createTable('users', (table) => {
    table.serial('id').primary()
    table.string('email', 255).unique()
    table.integer('age').nullable()
    table.timestamps()
  })

export const usersShape = (database: Database): Promise<string> => tableShape(database, 'users')
