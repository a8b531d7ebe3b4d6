import type { SchemaBuilder } from '@faasjs/pg'

export function up(builder: SchemaBuilder): void {
  builder.createTable('posts', (table) => {
    table.specificType('id', 'bigint GENERATED ALWAYS AS IDENTITY').primary()
    table.uuid('author_id').references('users', 'id').onDelete('CASCADE')
    table.text('title')
    table.enum('status', ['draft', 'published', 'archived']).defaultTo('draft')
    table.jsonb('meta').defaultTo({})
    table.array('tags', 'text').defaultTo([])
    table.timestamptz('published_at').nullable()
    table.timestamps()
    table.check('published_has_a_time', `status <> 'published' OR published_at IS NOT NULL`)
    table.index('author_id')
    table.index('tags', { indexType: 'gin' })
  })
}
