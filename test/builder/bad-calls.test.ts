import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { rawSql, sql } from '../../src/builder/sql-fragment.ts'
import type { TableBuilder } from '../../src/builder/table-builder.ts'
import { FaasPgError } from '../../src/errors.ts'
import { failure } from '../helpers/failure.ts'

const inCreate = (define: (table: TableBuilder) => void): string =>
  failure(() => new SchemaBuilder().createTable('users', define))

const inAlter = (change: (table: TableBuilder) => void): string =>
  failure(() => new SchemaBuilder().alterTable('users', change))

describe('names', () => {
  test.for([
    ['', 'a name must be a non-empty string'],
    ['a'.repeat(64), 'it has 64 bytes'],
    ['ä'.repeat(32), 'it has 64 bytes'],
    ['a\0b', 'NUL'],
    ['\ud800', 'surrogate'],
    ['a.b.c', 'not a name, nor a schema and a name'],
    ['.a', 'not a name, nor a schema and a name'],
    ['a.', 'not a name, nor a schema and a name'],
  ] as const)('%j as a table', ([name, why]) => {
    expect(failure(() => new SchemaBuilder().dropTable(name))).toContain(why)
  })

  test('of columns, constraints and indexes', () => {
    const long = 'x'.repeat(64)
    expect(inCreate((table) => table.text(long))).toContain('too long')
    expect(inCreate((table) => table.check(long, 'true'))).toContain('too long')
    expect(inCreate((table) => table.index('a', { name: long }))).toContain('too long')
    expect(inCreate((table) => table.unique('a', { name: '' }))).toContain('non-empty')
    expect(inAlter((table) => table.dropColumn(''))).toContain('non-empty')
    expect(inAlter((table) => table.renameColumn('a', ''))).toContain('non-empty')
    expect(inAlter((table) => table.primary([]))).toContain('empty')
    expect(inAlter((table) => table.index(['a', 'a']))).toContain('named twice')
  })

  test('renaming does not move between schemas', () => {
    expect(failure(() => new SchemaBuilder().renameTable('a.x', 'b.x'))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      renameTable cannot move table "x" to schema "b"
      PostgreSQL renames a table within its schema
      move it first: builder.setSchema('a.x', 'b')"
    `)
    expect(failure(() => new SchemaBuilder().renameTable('x', 'b.x'))).toContain('cannot move')
  })
})

describe('columns', () => {
  test('twice', () => {
    const twice = (table: TableBuilder): void => {
      table.string('email')
      table.text('email')
    }
    expect(inCreate(twice)).toMatchInlineSnapshot(`
      "FAASJS_PG_DUPLICATE_COLUMN
      column "email" is added twice to table "users"
      remove one of the two, or give it another name"
    `)
    expect(inAlter(twice)).toContain('DUPLICATE_COLUMN')
  })

  test('added and dropped', () => {
    const both = (table: TableBuilder): void => {
      table.string('zzz')
      table.dropColumn('zzz')
    }
    expect(inAlter(both)).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      column "zzz" of table "users" is added and dropped in one callback
      remove both calls"
    `)
    expect(inCreate(both)).toContain('added and dropped')
  })

  test('unknown in createTable', () => {
    expect(inCreate((table) => table.renameColumn('x', 'y'))).toMatchInlineSnapshot(`
      "FAASJS_PG_UNKNOWN_COLUMN
      renameColumn failed: Column "x" does not exist
      it has no columns so far
      add the column first, or correct its name"
    `)
    expect(inCreate((table) => table.alterColumn('x', { nullable: true }))).toContain(
      'alterColumn failed: Column "x" does not exist',
    )
    expect(inCreate((table) => table.dropColumn('x'))).toContain('dropColumn failed')
    expect(inCreate((table) => table.dropIndex('x'))).toMatchInlineSnapshot(`
      "FAASJS_PG_UNKNOWN_INDEX
      dropIndex failed: Index "idx_users_x" does not exist
      createTable has not created it in this callback
      leave the dropIndex call out, or move it to alterTable"
    `)
    expect(inCreate((table) => table.index('x'))).toContain('has no column "x"')
    expect(inCreate((table) => table.primary('x'))).toContain('has no column "x"')
    // @ts-expect-error as JavaScript may say it
    expect(inCreate((table) => table.uuid('x').references('y'))).toContain('name a column')
    // @ts-expect-error the same for a key
    expect(inCreate((table) => table.foreign('x').references('y'))).toContain('name a column')
    expect(inCreate((table) => table.foreign('x').references('y', 'id'))).toContain(
      'has no column "x"',
    )
  })

  test('types that are not types', () => {
    expect(inCreate((table) => table.specificType('a', ''))).toContain('not a type')
    expect(inCreate((table) => table.specificType('a', 'int; drop table x'))).toContain(
      'not a type',
    )
    expect(inCreate((table) => table.specificType('a', 'int -- comment'))).toContain('not a type')
    expect(inCreate((table) => table.string('a', 1.5))).toContain('whole number')
    expect(inCreate((table) => table.enum('a', []))).toContain('no values')
    expect(inAlter((table) => table.alterColumn('a', { type: 'int /*' }))).toContain('not a type')
  })

  test('changes that say nothing or too much', () => {
    expect(inAlter((table) => table.alterColumn('a', {}))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      alterColumn("a") changes nothing
      say what to change: alterColumn('price', { type: 'bigint' })"
    `)
    expect(inAlter((table) => table.alterColumn('a', { collate: 'C' }))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      alterColumn("a") has collate without type
      PostgreSQL changes them together with the type
      add the type, the present one if it stays: alterColumn('a', { type: 'text', … })"
    `)
    expect(inAlter((table) => table.alterColumn('a', { using: 'a::int' }))).toContain(
      'without type',
    )
    expect(
      inAlter((table) => table.alterColumn('a', { defaultValue: 1, dropDefault: true })),
    ).toContain('both sets and drops')
    expect(inAlter((table) => table.alterColumn('a', { defaultValue: [] }))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_VALUE
      the default of column "a" can be an array or JSON
      its type is not known here
      write it as SQL: defaultValue: sql\`'[]'::jsonb\`, or give the type too"
    `)
  })
})

describe('defaults', () => {
  const as = (
    value: Parameters<ReturnType<TableBuilder['specificType']>['defaultTo']>[0],
    type = 'uuid',
  ): string => inCreate((table) => table.specificType('a', type).defaultTo(value))

  test('text that looks like an expression', () => {
    expect(as('gen_random_uuid()')).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_VALUE
      'gen_random_uuid()' is text, not an expression, and a column of type uuid cannot hold it
      write defaultTo(sql\`gen_random_uuid()\`) or defaultTo(rawSql('gen_random_uuid()'))"
    `)
    expect(as('CURRENT_TIMESTAMP', 'timestamptz')).toContain('rawSql')
    expect(as("nextval('x')", 'bigint')).toContain('rawSql')
  })

  test('moments that would freeze', () => {
    expect(as('now', 'timestamptz')).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_VALUE
      'now' as a default is the moment the table is created, for ever
      write defaultTo('now()') or defaultTo(sql\`…\`)"
    `)
    expect(as('Today', 'date')).toContain('for ever')
  })

  test('values PostgreSQL cannot store', () => {
    expect(as('a\0b', 'text')).toContain('NUL')
    expect(as('\ud800', 'text')).toContain('surrogate')
    expect(as(undefined as never, 'text')).toContain('undefined')
    expect(as(new Date(NaN), 'date')).toContain('invalid Date')
    expect(as(['a'], 'text')).toContain('array is not a default')
  })

  test('text stays text on text columns, whatever it looks like', () => {
    const builder = new SchemaBuilder().createTable('t', (table) => {
      table.text('a').defaultTo('gen_random_uuid()')
    })
    expect(builder.toSQL()[0]).toContain(`DEFAULT 'gen_random_uuid()'`)
  })
})

describe('constraints', () => {
  test('two primary keys', () => {
    expect(
      inCreate((table) => {
        table.integer('a').primary()
        table.integer('b').primary()
      }),
    ).toMatchInlineSnapshot(`
      "FAASJS_PG_DUPLICATE_CONSTRAINT
      table "users" gets a second primary key
      a key of several columns is one key: table.primary(['first', 'second'])"
    `)
    expect(
      inAlter((table) => {
        table.primary('a')
        table.alterColumn('b', { primary: true })
      }),
    ).toContain('second primary key')
  })

  test('one name twice', () => {
    const twice = (table: TableBuilder): void => {
      table.integer('a')
      table.check('same', 'a > 0')
      table.check('same', 'a > 1')
    }
    expect(inCreate(twice)).toMatchInlineSnapshot(`
      "FAASJS_PG_DUPLICATE_CONSTRAINT
      constraint "same" is added twice to table "users"
      remove one of the two, or name one with { name }"
    `)
    expect(inAlter(twice)).toContain('DUPLICATE_CONSTRAINT')
    expect(
      inCreate((table) => {
        table.integer('a')
        table.index('a')
        table.index('a', { unique: true })
      }),
    ).toContain('index "idx_users_a" is added twice')
  })

  test('foreign keys without target, action or partner', () => {
    expect(inCreate((table) => table.integer('a').onDelete('CASCADE'))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      onDelete() of column "a" has no foreign key to belong to
      call .references('table', 'column') before .onDelete()"
    `)
    expect(
      inCreate((table) =>
        table
          .integer('a')
          .references('b', 'id')
          .onDelete('EXPLODE' as never),
      ),
    ).toContain('not an action')
    expect(
      inCreate((table) => {
        table.integer('a')
        table.foreign('a')
      }),
    ).toContain('has no target')
    expect(inAlter((table) => table.foreign(['a', 'b']).references('c', 'id'))).toContain(
      'cannot reference 1',
    )
  })

  test('empty expressions and unknown methods', () => {
    expect(inCreate((table) => table.integer('a').check(' '))).toContain('needs an SQL expression')
    expect(inCreate((table) => table.index('a', { indexType: 'tree' as never }))).toContain(
      'not an index method',
    )
    expect(failure(() => new SchemaBuilder().raw(5 as never))).toContain('needs SQL text')
    expect(failure(() => new SchemaBuilder().raw('SELECT 1\0'))).toContain('NUL')
    expect(inCreate((table) => table.enum('a', ['\ud800']))).toContain('surrogate')
  })
})

describe('asynchronous use', () => {
  test('an async callback is refused at once', () => {
    const call = (): unknown =>
      // oxlint-disable-next-line typescript/no-misused-promises -- what the builder must refuse
      new SchemaBuilder().createTable('a', async (table) => void table.id())
    expect(failure(call)).toMatchInlineSnapshot(`
      "FAASJS_PG_ASYNC_BUILDER
      the callback of createTable must not be async
      what it describes is recorded when it returns, so later calls would be lost
      await what you need before the call, and make the callback a plain function"
    `)
  })

  test('the table and column builders end with the callback', () => {
    let leaked: TableBuilder | undefined
    new SchemaBuilder().createTable('a', (table) => {
      leaked = table
    })
    expect(failure(() => leaked?.text('late'))).toContain('ASYNC_BUILDER')

    let column: ReturnType<TableBuilder['text']> | undefined
    new SchemaBuilder().createTable('a', (table) => {
      column = table.text('a')
    })
    expect(failure(() => column?.nullable())).toContain('ASYNC_BUILDER')
  })

  test('a callback that throws records nothing', () => {
    const builder = new SchemaBuilder()
    expect(() =>
      builder.createTable('a', (table) => {
        table.id()
        throw new Error('mine')
      }),
    ).toThrow('mine')
    expect(builder.operations).toEqual([])
  })
})

test('sql templates refuse what they cannot write', () => {
  expect(failure(() => sql`${{} as never}`)).toContain('cannot hold a value of type object')
  expect(failure(() => sql`${Infinity}`)).toContain('not a finite number')
  expect(sql`${sql.identifier('a"', 'b')} = ${null} AND ${rawSql('x')} < ${10n}`.sql).toBe(
    '"a"""."b" = NULL AND x < 10',
  )
  expect(sql`${new Date(0)} ${true}`.sql).toBe(`'1970-01-01T00:00:00.000Z' TRUE`)
})

test('an error reads as a report', () => {
  try {
    new SchemaBuilder().dropTable('a'.repeat(64))
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(FaasPgError)
    expect(String(error)).toMatchInlineSnapshot(`
      "BuilderError: FAASJS_PG_BAD_IDENTIFIER  the name "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" is too long
        why  it has 64 bytes, and PostgreSQL keeps 63
        fix  shorten it to at most 63 bytes"
    `)
    expect(Object.keys(error as object)).not.toContain('name')
  }
})
