import type { SchemaBuilder } from '@faasjs/pg'

export function up(builder: SchemaBuilder): void {
  builder.createTable('users', (table) => {
    table.id()
    table.string('email', 320).unique()
    table.text('name')
    table.timestamps()
  })
}

export function down(builder: SchemaBuilder): void {
  builder.dropTable('users')
}
