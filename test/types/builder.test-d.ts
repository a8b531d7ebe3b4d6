// Compiled by `npm run types`, never run: what is wrong at a glance does not compile.
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'

const builder = new SchemaBuilder()

builder.createTable('right', (table) => {
  table.integer('a').defaultTo(1).nullable().defaultTo(null)
  table.bigint('b').defaultTo(1n)
  table.decimal('c', 10, 2).defaultTo('0.10')
  table.boolean('d').defaultTo(false)
  table.text('e').defaultTo('now()')
  table.uuid('f').defaultTo(sql`gen_random_uuid()`)
  table.timestamptz('g').defaultTo(new Date(0))
  table.jsonb('h').defaultTo({ any: ['thing', 1, null] })
  table.array('i', 'integer').defaultTo([1, 2])
  table.bytea('j').defaultTo(new Uint8Array())
  table.enum('k', ['a', 'b']).defaultTo('a')
  table.specificType('l', 'citext').defaultTo(5)
  table.belongsTo('users').defaultTo('x')
  table.integer('m').backfill(0).index({ unique: true, concurrently: false })
})
builder.addColumn('right', (table) => table.boolean('n').backfill(true))

const values: readonly string[] = ['a', 'b']
builder.createTable('known_later', (table) => table.enum('status', values).defaultTo('a'))

builder.createTable('wrong', (table) => {
  // @ts-expect-error text is no number
  table.integer('a').defaultTo('abc')
  // @ts-expect-error a fraction of text is no whole number either
  table.smallint('b').defaultTo('1.5')
  // @ts-expect-error a number is no truth value
  table.boolean('c').defaultTo(5)
  // @ts-expect-error not one of the values
  table.enum('d', ['a', 'b'] as const).defaultTo('zzz')
  // @ts-expect-error nor without "as const"
  table.enum('e', ['a', 'b']).defaultTo('zzz')
  // @ts-expect-error a date is no text
  table.text('f').defaultTo(new Date())
  // @ts-expect-error an object is no moment
  table.timestamptz('g').defaultTo({})
  // @ts-expect-error a number is no array
  table.array('h', 'integer').defaultTo(1)
  // @ts-expect-error the same holds for backfill
  table.boolean('i').backfill('yes')
  // @ts-expect-error and after other calls of the chain
  table.integer('j').nullable().unique().defaultTo('abc')
  // @ts-expect-error no such option
  table.index('a', { uniqe: true })
  // @ts-expect-error nor here
  table.text('k').index({ uniqe: true })
  // @ts-expect-error no such part
  table.alterColumn('a', { typ: 'bigint' })
})
