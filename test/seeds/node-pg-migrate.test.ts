// What users of Knex and of node-pg-migrate had and the five seed systems have not.
import { describe, expect, test } from 'vitest'

import { applyFeature } from '../helpers/apply-feature.ts'
import { useEngines } from '../helpers/check-sql.ts'
import { enumValuesOf, tableShape } from '../helpers/table-shape.ts'
import { useRole } from '../helpers/use-role.ts'
import { users, usersShape } from './knex-tables.ts'

const engines = useEngines()

const role = useRole(engines)

describe('node-pg-migrate', () => {
  test('createIndex: method, opclass, sort, nulls, include, where', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (pgm) =>
        pgm
          .createIndex(
            'users',
            { column: 'email', opclass: 'varchar_pattern_ops' },
            { include: 'age' },
          )
          .createIndex('users', [{ column: 'age', order: 'desc', nulls: 'last' }, 'email'], {
            name: 'by_age',
            where: 'age IS NOT NULL',
          }),
      look: usersShape,
    })
    expect(seen).toContain('(email varchar_pattern_ops) INCLUDE (age)')
    expect(seen).toContain('(age DESC NULLS LAST, email) WHERE (age IS NOT NULL)')
  })

  test('addConstraint: exclude; renameConstraint', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (pgm) =>
        pgm.createTable('stays', (table) => {
          table.specificType('period', 'daterange')
          table.check('named', 'period IS NOT NULL')
        }),
      up: (pgm) =>
        pgm
          .addExclude('stays', [{ column: 'period', with: '&&' }])
          .renameConstraint('stays', 'named', 'known'),
      look: (database) => tableShape(database, 'stays'),
    })
    expect(seen).toContain('stays_period_excl EXCLUDE USING gist (period WITH &&)')
    expect(seen).toContain('known CHECK')
  })

  test('generated columns, identities, alterColumn with using and collation', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (pgm) =>
        pgm.createTable('lines', (table) => {
          table.bigint('id')
          table.text('price')
          table.integer('quantity')
        }),
      up: (pgm) => {
        pgm.alterColumn('lines', 'price', {
          type: 'integer',
          using: 'price::integer',
          was: { type: 'text' },
        })
        pgm.alterTable('lines', (table) => {
          table.integer('total').generatedAs('price * quantity')
          table.text('note').nullable().collate('C')
        })
        pgm.addIdentity('lines', 'id', { always: true, start: 100 })
      },
      look: (database) => tableShape(database, 'lines'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "lines
        id bigint IDENTITY NOT NULL
        price integer NOT NULL
        quantity integer NOT NULL
        total integer AS ((price * quantity)) NOT NULL
        note text COLLATE "C""
    `)
  })

  test('partitions, storage parameters, unlogged', async () => {
    const seen = await applyFeature(engines.all(), {
      up: (pgm) =>
        pgm
          .createTable('events', (table) => {
            table.timestamptz('at')
            table.partitionBy('range', 'at')
          })
          .createPartition('events_2026', 'events', { from: '2026-01-01', to: '2027-01-01' })
          .createTable('cache', (table) => {
            table.text('key').primary()
            table.unlogged().with({ fillfactor: 70 })
          }),
      look: async (database) => {
        const { rows } = await database.query(
          `SELECT relname AS name, relkind AS kind, relpersistence AS how, reloptions AS options,
             pg_get_expr(relpartbound, oid) AS bound
           FROM pg_class WHERE relname IN ('events', 'events_2026', 'cache') ORDER BY 1`,
        )
        return JSON.stringify(rows)
      },
    })
    expect(seen).toContain('"name":"events","kind":"p"')
    expect(seen).toContain(`FOR VALUES FROM ('2026-01-01`)
    expect(seen).toContain('"how":"u","options":["fillfactor=70"]')
  })

  test('types: enum and composite, values and attributes, rename, drop', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (pgm) =>
        pgm
          .createType('level', ['low', 'high'])
          .createCompositeType('spot', { x: 'integer', y: 'integer' })
          .createType('gone', ['a']),
      up: (pgm) =>
        pgm
          .renameTypeValue('level', 'high', 'top')
          .renameType('level', 'rank')
          .addTypeAttribute('spot', 'z', 'integer')
          .renameTypeAttribute('spot', 'x', 'left')
          .alterTypeAttribute('spot', 'y', 'bigint', { was: 'integer' })
          .dropType('gone', { was: { values: ['a'] } }),
      look: async (database) => [
        await enumValuesOf(database, 'rank'),
        (
          await database.query(
            `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
             WHERE attrelid = 'spot'::regclass AND attnum > 0 ORDER BY attnum`,
          )
        ).rows,
      ],
    })
    expect(seen).toEqual([
      ['low', 'top'],
      [
        { name: 'left', type: 'integer' },
        { name: 'y', type: 'bigint' },
        { name: 'z', type: 'integer' },
      ],
    ])
  })

  test('domains and sequences: create, alter, rename', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (pgm) => pgm.createDomain('email', 'text').createSequence('numbers', { start: 5 }),
      up: (pgm) =>
        pgm
          .addDomainCheck('email', 'has_at', `VALUE LIKE '%@%'`)
          .setDomainDefault('email', '@', { was: { noDefault: true } })
          .renameDomain('email', 'mail')
          .alterSequence('numbers', { increment: 10, was: { increment: 1 } })
          .renameSequence('numbers', 'tens'),
      look: async (database) => {
        const { rows } = await database.query(
          `SELECT (nextval('tens') + 0)::int AS first, nextval('tens')::int AS second,
             pg_input_is_valid('x', 'mail') AS bad, pg_input_is_valid('a@b', 'mail') AS good`,
        )
        return rows
      },
    })
    expect(seen).toEqual([{ first: 5, second: 15, bad: false, good: true }])
  })

  test('functions, procedures, triggers: replace, rename, drop', async () => {
    const before = { returns: 'integer', language: 'sql', body: 'SELECT 1' } as const
    const seen = await applyFeature(engines.all(), {
      before: (pgm) =>
        pgm
          .createFunction('one', before)
          .createProcedure('work', { language: 'sql', body: 'SELECT 1' }),
      up: (pgm) =>
        pgm
          .createFunction('one', { ...before, body: 'SELECT 2', replace: true, was: before })
          .renameFunction('one', [], 'two')
          .dropProcedure('work', [], { was: { language: 'sql', body: 'SELECT 1' } }),
      look: async (database) => (await database.query('SELECT two() AS two')).rows,
    })
    expect(seen).toEqual([{ two: 2 }])
  })

  test('policies, grants, schemas, comments', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (pgm) =>
        pgm
          .createSchema('app')
          .comment({ schema: 'app' }, 'what the application has')
          .setSchema('public.users', 'app')
          .enableRls('app.users', { force: true })
          .policy('adults', 'app.users', { for: 'select', to: role.name, using: 'age > 17' })
          .renamePolicy('adults', 'app.users', 'grown_ups')
          .grant('usage', { on: { schema: 'app' }, to: role.name })
          .grant(['select', 'update'], { on: { table: 'app.users' }, to: role.name })
          .revoke('update', { on: { table: 'app.users' }, from: role.name })
          .grantDefault('select', { on: 'tables', inSchema: 'app', to: role.name }),
      look: async (database) => {
        const { rows } = await database.query(
          `SELECT has_table_privilege($1, 'app.users', 'SELECT') AS reads,
             has_table_privilege($1, 'app.users', 'UPDATE') AS writes,
             obj_description('app'::regnamespace) AS said`,
          [role.name],
        )
        return [rows, (await tableShape(database, 'app.users')).match(/POLICY.*/)?.[0]]
      },
    })
    expect(seen).toEqual([
      [{ reads: true, writes: false, said: 'what the application has' }],
      'POLICY grown_ups FOR SELECT USING (age > 17)',
    ])
  })

  test('casts, collations and the like: raw, with its undo', async () => {
    // pgm.createCast, createCollation, createOperator: no calls of their own here
    const seen = await applyFeature(engines.all(), {
      up: (pgm) =>
        pgm
          .createType('color', ['red'])
          .raw('CREATE CAST (color AS integer) WITH INOUT', 'DROP CAST (color AS integer)')
          .raw(`CREATE COLLATION plain FROM "C"`, 'DROP COLLATION plain'),
      look: async (database) =>
        (
          await database.query(
            `SELECT count(*)::int AS n FROM pg_collation WHERE collname = 'plain'`,
          )
        ).rows,
    })
    expect(seen).toEqual([{ n: 1 }])
  })
})
