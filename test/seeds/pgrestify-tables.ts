import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { Database } from '../../src/database/database.ts'
import { tableShape } from '../helpers/table-shape.ts'

export const users = (builder: SchemaBuilder): unknown =>
  builder.createTable('users', (table) => {
    table.id()
    table.text('name')
    table.text('email').nullable()
  })

export const posts = (builder: SchemaBuilder): unknown => [
  users(builder),
  builder.createTable('posts', (table) => {
    table.id()
    table.text('title')
    table.text('content')
    table.uuid('author_id')
    table.boolean('published').defaultTo(false)
    table.jsonb('meta').defaultTo({})
  }),
]

export const postsShape = (database: Database): Promise<string> => tableShape(database, 'posts')
