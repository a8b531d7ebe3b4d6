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

const LETTERS = ['a', 'b'] as const

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
  // @ts-expect-error references what column?
  table.uuid('k').references('users')
  // @ts-expect-error references nothing
  table.uuid('l').references()
  // @ts-expect-error a foreign key to what columns?
  table.foreign('a').references('users')
  // @ts-expect-error a foreign key to nothing
  table.foreign('a').references()
  // @ts-expect-error a foreign key whose target is not said yet
  table.foreign('a').onDelete('CASCADE')
  // @ts-expect-error no such action
  table.uuid('m').references('users', 'id').onDelete('DELETE')
  // @ts-expect-error no such option of a reference
  table.uuid('n').references('users', 'id', { defferable: 'deferred' })
  // @ts-expect-error no such option of a foreign key
  table.foreign('a', { onDelet: 'CASCADE' })
  // @ts-expect-error no such option of a unique constraint
  table.unique('a', { nullsDistinct: true })
  // @ts-expect-error no such option of an association
  table.belongsTo('users', { nulable: true })
  // @ts-expect-error no such option of an enum
  table.enum('o', ['a'], { typ: 'mood' })
  // @ts-expect-error no such sort order of a key among others
  table.index(['a', { column: 'b', order: 'down' }])
  // @ts-expect-error no such option of a key among others
  table.index(['a', { column: 'b', ordr: 'desc' }])
  // @ts-expect-error backfill knows the values of an enum too
  table.enum('p', ['a', 'b'] as const).backfill('c')
  // @ts-expect-error and so does a default after other calls
  table.enum('q', LETTERS).nullable().defaultTo('c')
  // @ts-expect-error an enum has a list of values
  table.enum('r', 'a')
})

// What is right of it.
builder.createTable('referring', (table) => {
  table.uuid('a').references('users', 'id').onDelete('CASCADE')
  table.foreign(['a', 'b']).references('users', ['a', 'b']).onUpdate('RESTRICT')
  table
    .enum('c', ['a', 'b'] as const)
    .nullable()
    .defaultTo(null)
  table.index(['a', sql`lower(b)`, { column: 'c', order: 'desc' }], { unique: true })
})

// @ts-expect-error no such option
builder.addForeignKey('posts', 'author_id', { table: 'users' }, { onDelet: 'CASCADE' })
// @ts-expect-error the target of a foreign key has a table
builder.addForeignKey('posts', 'author_id', { column: 'id' })
// @ts-expect-error no target
builder.addForeignKey('posts', 'author_id')
// @ts-expect-error no such option
builder.createIndex('posts', 'a', { uniqe: true })
// @ts-expect-error an aggregate without a type of its state
builder.createAggregate('total', { args: ['integer'], stateFunction: 'int4pl' })
// @ts-expect-error nothing of that kind has an owner
builder.setOwner({ index: 'users_pkey' }, 'web')
