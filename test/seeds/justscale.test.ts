// JustScale: `export default defineMigration({ async up({ db }) {…}, async down({ db }) {…} })`, with
// one flat call a change on `db`, field builders, and row helpers for seed migrations.
import { describe, expect, test } from 'vitest'

import { sql } from '../../src/builder/sql-fragment.ts'
import { migrate } from '../../src/migration/define-migration-source.ts'
import { defineMigration } from '../../src/migration/define-migration.ts'
import { Migrator } from '../../src/migration/migrator.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { relations, tableShape } from '../helpers/table-shape.ts'
import { createProject } from '../migration/project.ts'
import { users } from './justscale-tables.ts'

const engines = useEngines()

describe('migration file shape, naming, ordering', () => {
  test('default export of a definition object, async handlers, in migrations/20240102_add_posts.ts', async () => {
    const { root, write } = createProject()
    write({
      '../../../migrations/20240102_add_posts.ts': `
        import type { SchemaBuilder, MigrationContext } from '@faasjs/pg'
        export default {
          async up(builder: SchemaBuilder, { db }: MigrationContext) {
            builder.createTable('posts', (table) => table.text('title'))
            await db.insert('posts', { title: 'first' })
          },
          async down(builder: SchemaBuilder) {
            builder.dropTable('posts')
          },
        }`,
    })
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const migrator = new Migrator({ client: database, folder: `${root}/migrations` })
      await migrator.migrate()
      expect(await database.query('SELECT title FROM posts')).toMatchObject({
        rows: [{ title: 'first' }],
      })
      expect(await migrator.status()).toMatchObject([{ name: '20240102_add_posts' }])
      await migrator.down()
      expect(await relations(database)).toEqual([])
      await migrator.close()
    }
  })

  test('registry filled by importing files', async () => {
    // import './migrations/20240101_users'; here the imported values are listed
    const migrations = [
      defineMigration({ name: '20240101_users', up: users }),
      defineMigration({ name: '20240102_drop', up: (builder) => builder.dropTable('users') }),
    ]
    for (const database of engines.all()) {
      await emptyDatabase(database)
      await migrate({ database, migrations: migrations.slice(0, 1) })
      expect(await relations(database)).toEqual(['users'])
      expect((await migrate({ database, migrations })).applied).toMatchObject([
        { name: '20240102_drop' },
      ])
      expect(await relations(database)).toEqual([])
    }
  })

  test('guards: hasTable before createTable, for a database that may be half way', async () => {
    // if (!(await db.hasTable('users'))) await db.createTable('users', …)
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: async (builder) => {
        if (!(await builder.hasTable('users'))) throw new Error('users is there')
        if (await builder.hasTable('posts')) throw new Error('posts is not there')
        builder.createTable('posts', (table) => table.id())
        if (!(await builder.hasTable('posts'))) throw new Error('posts is there now')
      },
      down: (builder) => builder.dropTable('posts'),
      look: relations,
    })
    expect(seen).toEqual(['posts', 'users'])
  })
})

describe('column types and modifiers', () => {
  test('uuid, text, decimal, string of a length, timestamp, createdAt, primary key, optional, unique', async () => {
    // { id: field.uuid().primaryKey(), name: field.string().max(200).unique(), at: field.createdAt(), … }
    const seen = await applyFeature(engines.all(), {
      up: (builder) =>
        builder.createTable('products', (table) => {
          table.uuid('id').primary()
          table.string('name', 200).unique()
          table.text('description').nullable()
          table.decimal('price', 10, 2)
          table.timestamp('released').nullable()
          table.timestamptz('created_at').defaultTo('now()')
        }),
      look: (database) => tableShape(database, 'products'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "products
        id uuid NOT NULL
        name character varying(200) NOT NULL
        description text
        price numeric(10,2) NOT NULL
        released timestamp without time zone
        created_at timestamp with time zone DEFAULT now() NOT NULL
        products_name_key UNIQUE (name)
        products_pkey PRIMARY KEY (id)"
    `)
  })
})

describe('tables', () => {
  test('create table', async () => {
    // db.createTable('users', { … })
    const seen = await applyFeature(engines.all(), { up: users, look: relations })
    expect(seen).toEqual(['users'])
  })

  test('drop table', async () => {
    // db.dropTable('users')
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.dropTable('users', {
          was: (table) => {
            table.id()
            table.string('email', 200)
            table.text('status').nullable()
          },
        }),
      look: relations,
    })
    expect(seen).toEqual([])
  })

  test('drop table, when nothing says what it was', async () => {
    await applyFeature(engines.all(), {
      before: users,
      up: (builder) => builder.dropTable('users'),
      look: relations,
      irreversible: 'the definition of the table is not recorded',
    })
  })

  test('rename table', async () => {
    // db.renameTable('users', 'accounts')
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) => builder.renameTable('users', 'accounts'),
      look: relations,
    })
    expect(seen).toEqual(['accounts'])
  })

  test('alter table with callback', async () => {
    // db.alterTable('users', (table) => { table.addColumn(…); table.setNotNull('status'); … })
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.alterTable('users', (table) => {
          table.text('bio').nullable()
          table.setNotNull('status')
          table.setNullable('email')
          table.renameColumn('email', 'mail')
          table.setDefault('status', 'active', { was: { noDefault: true } })
          table.dropDefault('id', { was: { defaultValue: sql`gen_random_uuid()` } })
        }),
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id uuid NOT NULL
        mail character varying(200)
        status text DEFAULT 'active'::text NOT NULL
        bio text
        users_pkey PRIMARY KEY (id)"
    `)
  })
})

describe('columns: operations', () => {
  test('add column', async () => {
    // db.alterTable('users', (table) => table.addColumn('age', field.integer().optional()))
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) => builder.addColumn('users', (table) => table.integer('age').nullable()),
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toContain('  age integer\n')
  })

  test('drop column', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.dropColumn('users', 'email', { was: (table) => table.string('email', 200) }),
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).not.toContain('email')
  })

  test('rename column', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) => builder.renameColumn('users', 'email', 'mail'),
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toContain('  mail character varying(200) NOT NULL')
  })

  test('nullability', async () => {
    // db.alterTable('users', (table) => { table.setNotNull('status'); table.setNullable('email') })
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) => [
        builder.setNotNull('users', 'status'),
        builder.setNullable('users', 'email'),
      ],
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id uuid DEFAULT gen_random_uuid() NOT NULL
        email character varying(200)
        status text NOT NULL
        users_pkey PRIMARY KEY (id)"
    `)
  })

  test('default', async () => {
    // table.setDefault('status', "'active'"): raw SQL there; here a value, and SQL looks like SQL
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder
          .setDefault('users', 'status', 'active', { was: { noDefault: true } })
          .setDefault('users', 'email', sql`lower(CURRENT_USER)`, { was: { noDefault: true } })
          .dropDefault('users', 'id', { was: { defaultValue: sql`gen_random_uuid()` } }),
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id uuid NOT NULL
        email character varying(200) DEFAULT lower((CURRENT_USER)::text) NOT NULL
        status text DEFAULT 'active'::text
        users_pkey PRIMARY KEY (id)"
    `)
  })
})
