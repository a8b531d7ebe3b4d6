import type { SchemaBuilder } from '../../../src/builder/schema-builder.ts'
import { sql } from '../../../src/builder/sql-fragment.ts'
import { lastUpdate, lastUpdatedTriggers, numberedTable, reference } from '../numbered-table.ts'

export function up(builder: SchemaBuilder): void {
  numberedTable(builder, 'customer', (table) => {
    reference(table.integer('store_id'), 'store')
    table.text('first_name')
    table.text('last_name')
    table.text('email').nullable()
    reference(table.integer('address_id'), 'address')
    table.boolean('activebool').defaultTo(true)
    table.date('create_date').defaultTo(sql`CURRENT_DATE`)
    table.timestamptz('last_update').nullable().defaultTo('now()')
    table.integer('active').nullable()
    table.uuid('uuid').defaultTo(sql`uuidv7()`)
    table.index('address_id', { name: 'idx_fk_address_id' })
    table.index('store_id', { name: 'idx_fk_store_id' })
    table.index('last_name', { name: 'idx_last_name' })
    table.index('uuid', { name: 'customer_uuid_key', unique: true })
  })

  numberedTable(builder, 'address', (table) => {
    table.text('address')
    table.text('address2').nullable()
    table.text('district')
    reference(table.integer('city_id'), 'city')
    table.text('postal_code').nullable()
    table.text('phone')
    lastUpdate(table)
    table.index('city_id', { name: 'idx_fk_city_id' })
  })

  numberedTable(builder, 'city', (table) => {
    table.text('city')
    reference(table.integer('country_id'), 'country')
    lastUpdate(table)
    table.index('country_id', { name: 'idx_fk_country_id' })
  })

  numberedTable(builder, 'country', (table) => {
    table.text('country')
    lastUpdate(table)
  })

  numberedTable(builder, 'inventory', (table) => {
    reference(table.integer('film_id'), 'film')
    reference(table.integer('store_id'), 'store')
    lastUpdate(table)
    table.index(['store_id', 'film_id'], { name: 'idx_store_id_film_id' })
  })

  numberedTable(builder, 'rental', (table) => {
    table.timestamptz('rental_date')
    reference(table.integer('inventory_id'), 'inventory')
    reference(table.integer('customer_id'), 'customer')
    table.timestamptz('return_date').nullable()
    reference(table.integer('staff_id'), 'staff')
    lastUpdate(table)
    table.uuid('uuid').defaultTo(sql`uuidv7()`)
    table.index('inventory_id', { name: 'idx_fk_inventory_id' })
    table.index(['rental_date', 'inventory_id', 'customer_id'], {
      name: 'idx_unq_rental_rental_date_inventory_id_customer_id',
      unique: true,
    })
    table.index('uuid', { name: 'rental_uuid_key', unique: true })
  })

  numberedTable(builder, 'staff', (table) => {
    table.text('first_name')
    table.text('last_name')
    reference(table.integer('address_id'), 'address')
    table.text('email').nullable()
    table.integer('store_id').references('store', 'store_id')
    table.boolean('active').defaultTo(true)
    table.text('username')
    table.text('password').nullable()
    lastUpdate(table)
    table.bytea('picture').nullable()
  })

  numberedTable(builder, 'store', (table) => {
    table.integer('manager_staff_id')
    reference(table.integer('address_id'), 'address')
    lastUpdate(table)
    table.index('manager_staff_id', { name: 'idx_unq_manager_staff_id', unique: true })
  })

  lastUpdatedTriggers(builder, [
    'address',
    'city',
    'country',
    'customer',
    'inventory',
    'rental',
    'staff',
    'store',
  ])
}
