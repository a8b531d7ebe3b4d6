import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { BuilderError } from '../../src/errors.ts'
import { MAX_IDENTIFIER_BYTES } from '../../src/sql/identifier.ts'
import { literal } from '../../src/sql/literal.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 60)
// Long sweeps take their time.
const timeout = 60_000 + numRuns * 1_000

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('"', "'", '\\', '.', ';', '-', '$', '?', '%', ' ', '\n', 'é', '😀', 'a'),
  }),
)

/** Names PostgreSQL can keep as they are. */
const name = anyText.filter(
  (text) =>
    text !== '' &&
    Buffer.byteLength(text) <= MAX_IDENTIFIER_BYTES &&
    !text.includes('\0') &&
    !/\p{Surrogate}/u.test(text),
)

describe('any name arrives as it was given', () => {
  test('of a schema, table, column, type, constraint and index', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { minLength: 7, maxLength: 7 }),
        async ([
          schema = '',
          table = '',
          column = '',
          type = '',
          check = '',
          index = '',
          renamed = '',
        ]) => {
          // PostgreSQL keeps this prefix for itself.
          fc.pre(!schema.startsWith('pg_'))
          for (const database of engines.all()) {
            await emptyDatabase(database)
            const builder = new SchemaBuilder(database)
            builder
              .raw(`CREATE SCHEMA "${schema.replaceAll('"', '""')}"`)
              .createTable({ schema, name: table }, (columns) => {
                columns.enum(column, [check], { type: { name: type } })
                columns.check(check, 'true')
                columns.index(column, { name: index })
              })
              .alterTable({ schema, name: table }, (columns) =>
                columns.renameColumn(column, renamed),
              )
            await builder.run()
            const { rows } = await database.query(
              `SELECT n.nspname AS schema, c.relname AS table, a.attname AS column, t.typname AS type,
                 (SELECT conname FROM pg_constraint k WHERE k.conrelid = c.oid AND contype = 'c') AS check,
                 (SELECT indexrelid::regclass::oid FROM pg_index i WHERE i.indrelid = c.oid) = x.oid AS found,
                 x.relname AS index,
                 (SELECT enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid) AS label
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
               JOIN pg_type t ON t.oid = a.atttypid
               JOIN pg_class x ON x.relnamespace = n.oid AND x.relkind = 'i'
               WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
            )
            expect(rows).toEqual([
              { schema, table, column: renamed, type, check, found: true, index, label: check },
            ])
          }
        },
      ),
      { numRuns },
    )
  })

  test('or is refused, by the call that has it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const builder = new SchemaBuilder()
        try {
          builder.alterTable({ name: 'users' }, (table) => table.dropColumn(text))
        } catch (error) {
          expect(error).toBeInstanceOf(BuilderError)
          return
        }
        expect(builder.operations).toEqual([
          { kind: 'dropColumn', table: { name: 'users' }, column: text },
        ])
      }),
      { numRuns: numRuns * 10 },
    )
  })
})

describe('any value arrives as it was given', () => {
  const storable = anyText.filter((text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text))

  test('as a literal, whatever standard_conforming_strings says', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(storable, fc.boolean(), async (text, conforming) => {
        for (const database of engines.all()) {
          const rows = await database.transaction(async (transaction) => {
            // From PostgreSQL 19 on the setting can only be on.
            await transaction.query(
              `SET LOCAL standard_conforming_strings = ${conforming ? 'on' : 'off'}`,
            )
            await transaction.query(`SET LOCAL escape_string_warning = off`)
            return (await transaction.query(`SELECT ${literal(text)}::text AS text`)).rows
          })
          expect(rows).toEqual([{ text }])
        }
      }),
      { numRuns },
    )
  })

  test('as the default of a text, json and array column', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(
        storable,
        fc.jsonValue().filter((value) => value !== null),
        fc.array(fc.option(storable)),
        async (text, json, list) => {
          const written = JSON.stringify(json)
          fc.pre(typeof json !== 'string' && !/\\u0000|\\ud[89a-f]/i.test(written))
          const value: unknown = JSON.parse(written)
          for (const database of engines.all()) {
            await emptyDatabase(database)
            const builder = new SchemaBuilder(database)
            builder.createTable('t', (table) => {
              table.text('text').defaultTo(text)
              table.jsonb('json').defaultTo(json)
              table.array('list', 'text').defaultTo(list)
            })
            await builder.run()
            const { rows } = await database.query('INSERT INTO t DEFAULT VALUES RETURNING *')
            expect(rows).toEqual([{ text, json: value, list }])
          }
        },
      ),
      { numRuns },
    )
  })
})
