import type { SchemaBuilder } from '../../../src/builder/schema-builder.ts'
import { sql } from '../../../src/builder/sql-fragment.ts'
import type { TableBuilder } from '../../../src/builder/table-builder.ts'

export function up(builder: SchemaBuilder): void {
  builder.createSequence('payment_payment_id_seq')
  builder.createTable('payment', (table) => {
    columns(table)
    table.primary(['payment_date', 'payment_id'])
    table.partitionBy('range', 'payment_date')
  })

  for (let month = 0; month < 55; month++) {
    const partition = `payment_p${day(month).slice(0, 7).replace('-', '_')}`
    builder.createTable(partition, (table) => {
      columns(table)
      if (month < 6) checked(table, partition)
    })
    builder.attachPartition('payment', partition, {
      from: `${day(month)} 00:00:00+00`,
      to: `${day(month + 1)} 00:00:00+00`,
    })
  }

  builder.createIndex('payment', ['uuid', 'payment_date'], {
    name: 'payment_uuid_key',
    unique: true,
  })
}

function columns(table: TableBuilder): void {
  table.integer('payment_id').defaultTo(sql`nextval('payment_payment_id_seq'::regclass)`)
  table.integer('customer_id')
  table.integer('staff_id')
  table.integer('rental_id')
  table.decimal('amount', 5, 2)
  table.timestamptz('payment_date')
  table.uuid('uuid').defaultTo(sql`uuidv7()`)
}

/** The first months have foreign keys and indexes of their own, one of them twice. */
function checked(table: TableBuilder, name: string): void {
  table.foreign('customer_id').references('customer', 'customer_id')
  table.foreign('rental_id').references('rental', 'rental_id')
  table.foreign('staff_id').references('staff', 'staff_id')
  table.index('customer_id', { name: `idx_fk_${name}_customer_id` })
  table.index('staff_id', { name: `idx_fk_${name}_staff_id` })
  table.index('customer_id', { name: `${name}_customer_id_idx` })
}

/** The first day of a month, counted from January 2022. */
function day(month: number): string {
  return new Date(Date.UTC(2022, month)).toISOString().slice(0, 10)
}
