import type { SchemaBuilder } from '../../../src/builder/schema-builder.ts'
import { lastUpdate, lastUpdatedTriggers, numberedTable, reference } from '../numbered-table.ts'

export function up(builder: SchemaBuilder): void {
  numberedTable(builder, 'actor', (table) => {
    table.text('first_name')
    table.text('last_name')
    lastUpdate(table)
    table.index('last_name', { name: 'idx_actor_last_name' })
  })

  numberedTable(builder, 'category', (table) => {
    table.text('name')
    lastUpdate(table)
  })

  // Its language comes below: the foreign keys wait for it.
  numberedTable(builder, 'film', (table) => {
    table.text('title')
    table.text('description').nullable()
    table.specificType('release_year', 'public.year').nullable()
    reference(table.integer('language_id'), 'language')
    reference(table.integer('original_language_id').nullable(), 'language')
    table.smallint('rental_duration').defaultTo(3)
    table.decimal('rental_rate', 4, 2).defaultTo(4.99)
    table.smallint('length').nullable()
    table.decimal('replacement_cost', 5, 2).defaultTo(19.99)
    table.specificType('rating', 'mpaa_rating').nullable().defaultTo('G')
    lastUpdate(table)
    table.array('special_features', 'text').nullable()
    table.tsvector('fulltext')
    table
      .decimal('length_hours', 4, 2)
      .nullable()
      .generatedAs('round(length / 60.0, 2)', { stored: false })
    table.index('fulltext', { name: 'film_fulltext_idx', indexType: 'gist' })
    table.index('language_id', { name: 'idx_fk_language_id' })
    table.index('original_language_id', { name: 'idx_fk_original_language_id' })
    table.index('title', { name: 'idx_title' })
  })

  builder.createTable('film_actor', (table) => {
    reference(table.integer('actor_id'), 'actor')
    reference(table.integer('film_id'), 'film')
    lastUpdate(table)
    table.primary(['actor_id', 'film_id'])
    table.index('film_id', { name: 'idx_fk_film_id' })
  })

  builder.createTable('film_category', (table) => {
    reference(table.integer('film_id'), 'film')
    reference(table.integer('category_id'), 'category')
    lastUpdate(table)
    table.primary(['film_id', 'category_id'])
  })

  numberedTable(builder, 'language', (table) => {
    table.text('name')
    lastUpdate(table)
  })

  builder.createTrigger('film_fulltext_trigger', 'film', {
    when: 'before',
    events: ['insert', 'update'],
    forEach: 'row',
    execute: 'tsvector_update_trigger',
    args: ['fulltext', 'pg_catalog.english', 'title', 'description'],
  })
  lastUpdatedTriggers(builder, [
    'actor',
    'category',
    'film',
    'film_actor',
    'film_category',
    'language',
  ])
}
