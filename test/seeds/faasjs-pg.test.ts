// The original faasjs/pg: `export function up(builder)` and `export function down(builder)` in
// src/db/migrations/<timestamp>-<name>.ts; `createTable` and `alterTable` with a callback.
import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import type { Database } from '../../src/database/database.ts'
import { createMigration } from '../../src/migration/create-migration.ts'
import { Migrator } from '../../src/migration/migrator.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { relations, tableShape } from '../helpers/table-shape.ts'
import { createProject } from '../migration/project.ts'
import { users, usersShape } from './faasjs-pg-tables.ts'

const engines = useEngines()

describe('migration file shape, naming, ordering', () => {
  test('two named exports receiving a builder, <timestamp>-<name>.ts', async () => {
    const { folder } = createProject({
      '20260105090000000-create-users.ts': `
        import type { SchemaBuilder } from '@faasjs/pg'
        export function up(builder: SchemaBuilder) {
          builder.createTable('users', (table) => { table.number('id').primary() })
        }
        export function down(builder: SchemaBuilder) { builder.dropTable('users') }`,
      '20260106090000000-add-name.ts': `
        import type { SchemaBuilder } from '@faasjs/pg'
        export function up(builder: SchemaBuilder) {
          builder.alterTable('users', (table) => { table.string('name').nullable() })
        }
        export function down(builder: SchemaBuilder) {
          builder.alterTable('users', (table) => table.dropColumn('name'))
        }`,
    })
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const migrator = new Migrator({ client: database, folder })
      await migrator.up()
      expect(await migrator.status()).toEqual([
        { name: '20260105090000000-create-users', migration_time: expect.any(Date) },
      ])
      await migrator.migrate()
      expect(await usersShape(database)).toContain('name character varying')
      await migrator.down()
      expect(await usersShape(database)).not.toContain('name')
      await migrator.close()
    }
  })

  test('guards: IF EXISTS is never said, so drift fails loudly', async () => {
    const builder = new SchemaBuilder()
    users(builder)
    builder
      .alterTable('users', (table) => {
        table.index('name')
        table.dropIndex('name')
        table.alterColumn('name', { primary: false, unique: false })
      })
      .dropTable('users')
    expect(builder.toSQL().join('\n')).not.toMatch(/IF (NOT )?EXISTS/)
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const dropped = (change: (again: SchemaBuilder) => SchemaBuilder): Promise<void> =>
        change(new SchemaBuilder(database)).run()
      await expect(dropped((again) => again.dropTable('users'))).rejects.toMatchObject({
        sqlState: '42P01',
      })
      await expect(dropped((again) => again.dropIndex('users', 'name'))).rejects.toMatchObject({
        sqlState: '42704',
      })
    }
  })

  test('one logical change is one atomic run', async () => {
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const builder = new SchemaBuilder(database)
      users(builder)
      builder.raw('SELECT nothing')
      await expect(builder.run()).rejects.toMatchObject({ sqlState: '42703' })
      expect(await relations(database)).toEqual([])
    }
  })
})

describe('tables', () => {
  test('create table, drop table, rename table', async () => {
    // builder.createTable('users', (table) => …), builder.dropTable, builder.renameTable(old, new)
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [
        users(builder),
        builder.createTable('old', (table) => table.number('id').primary()),
      ],
      up: (builder) =>
        builder
          .createTable('posts', (table) => table.number('id').primary())
          .dropTable('old', { was: (table) => table.number('id').primary() })
          .renameTable('users', 'accounts'),
      look: relations,
    })
    expect(seen).toEqual(['accounts', 'posts'])
  })

  test('alter table with callback, in call order', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.alterTable('users', (table) => {
          table.dropColumn('age', { was: (old) => old.string('age').nullable() })
          table.number('age').defaultTo(0)
          table.renameColumn('name', 'full_name')
          table.index(['full_name', 'age'])
          table.raw(
            'ALTER TABLE users SET (fillfactor = 70)',
            'ALTER TABLE users RESET (fillfactor)',
          )
        }),
      look: usersShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id integer NOT NULL
        full_name character varying NOT NULL
        created_at timestamp with time zone DEFAULT now() NOT NULL
        updated_at timestamp with time zone DEFAULT now() NOT NULL
        age integer DEFAULT 0 NOT NULL
        users_pkey PRIMARY KEY (id)
        CREATE INDEX idx_users_full_name_age ON public.users USING btree (full_name, age)"
    `)
  })

  test('schema-qualified references', async () => {
    // tenant.users; the original wrote indexes, primary keys and renames of such tables wrongly
    const seen = await applyFeature(engines.all(), {
      before: (builder) => builder.raw('CREATE SCHEMA tenant'),
      up: (builder) =>
        builder
          .createTable('tenant.users', (table) => {
            table.number('id').primary()
            table.string('name')
            table.index('name')
          })
          .alterTable('tenant.users', (table) => {
            table.alterColumn('id', { primary: false })
            table.alterColumn('name', { primary: true })
          })
          .renameTable('tenant.users', 'tenant.people'),
      look: (database) => tableShape(database, 'tenant.people'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "tenant.people
        id integer NOT NULL
        name character varying NOT NULL
        users_pkey PRIMARY KEY (name)
        CREATE INDEX idx_users_name ON tenant.people USING btree (name)"
    `)
  })
})

describe('indexes', () => {
  test('create index: columns, unique, indexType; index naming', async () => {
    // table.index(['a', 'b'], { unique: true, indexType: 'btree' })
    const seen = await applyFeature(engines.all(), {
      before: (builder) =>
        builder.createTable('things', (table) => {
          table.string('a')
          table.string('b')
          table.specificType('c', 'text[]')
          table.specificType('d', 'point')
          table.specificType('e', 'point')
        }),
      up: (builder) =>
        builder.alterTable('things', (table) => {
          table.index('a', { indexType: 'btree' }).index('b', { indexType: 'hash' })
          table.index(['a', 'b'], { unique: true })
          table.index('c', { indexType: 'gin' }).index('d', { indexType: 'gist' })
          table.index('e', { indexType: 'spgist' })
          table.index(['b', 'a'], { indexType: 'brin' })
        }),
      look: (database) => tableShape(database, 'things'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "things
        a character varying NOT NULL
        b character varying NOT NULL
        c text[] NOT NULL
        d point NOT NULL
        e point NOT NULL
        CREATE INDEX idx_things_a ON public.things USING btree (a)
        CREATE UNIQUE INDEX idx_things_a_b ON public.things USING btree (a, b)
        CREATE INDEX idx_things_b ON public.things USING hash (b)
        CREATE INDEX idx_things_b_a ON public.things USING brin (b, a)
        CREATE INDEX idx_things_c ON public.things USING gin (c)
        CREATE INDEX idx_things_d ON public.things USING gist (d)
        CREATE INDEX idx_things_e ON public.things USING spgist (e)"
    `)
  })

  test('drop index', async () => {
    // table.dropIndex(['a', 'b'])
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [
        users(builder),
        builder.alterTable('users', (table) => table.index(['name', 'age'])),
      ],
      up: (builder) =>
        builder.alterTable('users', (table) => table.dropIndex(['name', 'age'], { was: {} })),
      look: usersShape,
    })
    expect(seen).not.toContain('INDEX')
  })
})

describe('raw SQL, generation, recipes', () => {
  test('raw statement, with question marks and several statements', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.raw(
          `CREATE VIEW dark AS SELECT * FROM users WHERE '{"theme": 1}'::jsonb ? 'theme'; COMMENT ON VIEW dark IS '$1 ?'`,
          'DROP VIEW dark',
        ),
      look: relations,
    })
    expect(seen).toEqual(['dark', 'users'])
  })

  test('blank timestamped file', async () => {
    // faasjs-pg new add-email
    const { folder } = createProject()
    const { path, name } = await createMigration('add-email', folder)
    expect(name).toMatch(/^\d{17}-add-email$/)
    expect(readFileSync(path, 'utf8')).toContain('export function up(builder: SchemaBuilder)')
  })

  test('numeric narrowing: inspect data first, both directions', async () => {
    const amounts = async (database: Database): Promise<unknown> => [
      await tableShape(database, 'orders'),
      (await database.query('SELECT amount FROM orders')).rows,
    ]
    const seen = await applyFeature(engines.all(), {
      before: async (builder, { db }) => {
        builder.createTable('orders', (table) => table.number('amount', 12, 4))
        await db.insert('orders', { amount: '10.5000' })
      },
      up: async (builder, { db }) => {
        if (await db.exists('orders', sql`amount <> round(amount, 2)`)) {
          throw new Error('amounts would be cut')
        }
        builder.alterColumn('orders', 'amount', { type: 'numeric(10, 2)' })
      },
      down: (builder) => builder.alterColumn('orders', 'amount', { type: 'numeric(12, 4)' }),
      look: amounts,
    })
    expect(seen).toEqual(['orders\n  amount numeric(10,2) NOT NULL', [{ amount: '10.50' }]])
  })
})
