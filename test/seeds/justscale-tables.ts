import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'

export const users = (builder: SchemaBuilder): unknown =>
  builder.createTable('users', (table) => {
    table.id()
    table.string('email', 200)
    table.text('status').nullable()
  })
