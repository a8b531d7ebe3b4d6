// jsorm: models first; `defineMigration({ name, up: (t) => [operations], down: (t) => [operations] })`,
// a migration source as a value, and raw SQL as reversible pairs.
import { describe, expect, test } from 'vitest'

import { defineTable } from '../../src/builder/define-table.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { rawSql } from '../../src/builder/sql-fragment.ts'
import {
  defineMigrationSource,
  migrate,
  migrateDown,
} from '../../src/migration/define-migration-source.ts'
import { defineMigration } from '../../src/migration/define-migration.ts'
import { Migrator } from '../../src/migration/migrator.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { catalog } from '../helpers/catalog.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { relations, tableShape } from '../helpers/table-shape.ts'
import { createProject } from '../migration/project.ts'

const engines = useEngines()

// defineModel('roles', { id: t.number().primary(), name: t.string().unique() })
const roles = defineTable('roles', (table) => {
  table.number('id').primary()
  table.string('name').unique()
})

const users = defineTable('users', (table) => {
  table.number('id').primary()
  table.string('email').index()
  table.string('nickname').nullable()
  table.boolean('active').defaultTo(true)
  table.belongsTo(roles)
})

describe('migration file shape, naming, ordering', () => {
  test('definition object with explicit name, handlers return arrays of operations', async () => {
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const source = defineMigrationSource({
        database,
        migrations: [
          defineMigration({
            name: '0001_init',
            up: (t) => [t.createTable(roles), t.createTable(users)],
            down: (t) => [t.dropTable('users'), t.dropTable('roles')],
          }),
        ],
      })
      await migrate(source)
      expect(await relations(database)).toEqual(['roles', 'users'])
      await migrateDown(source)
      expect(await relations(database)).toEqual([])
    }
  })

  test('up and down may be plain arrays of rawSql', async () => {
    const seen = await applyFeature(engines.all(), {
      up: [rawSql('CREATE TABLE a (n int)'), rawSql('CREATE INDEX b ON a (n)')],
      down: [rawSql('DROP INDEX b'), rawSql('DROP TABLE a')],
      look: (database) => tableShape(database, 'a'),
    })
    expect(seen).toContain('CREATE INDEX b ON public.a')
  })

  test('down optional', async () => {
    const seen = await applyFeature(engines.all(), {
      up: (t) => [t.createTable(roles)],
      look: relations,
    })
    expect(seen).toEqual(['roles'])
  })

  test('order: by name, whatever the order of the list', async () => {
    // jsorm runs them as listed; names that sort say the same in every environment
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const migrations = [
        defineMigration({ name: '2_users', up: (t) => t.createTable(users) }),
        defineMigration({ name: '1_roles', up: (t) => t.createTable(roles) }),
      ]
      const { applied } = await migrate({ database, migrations })
      expect(applied.map(({ name }) => name)).toEqual(['1_roles', '2_users'])
    }
  })

  test('migrations optional at all: the models of a database that is there', async () => {
    expect(users.definition.columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'integer'],
      ['email', 'varchar'],
      ['nickname', 'varchar'],
      ['active', 'boolean'],
      ['role_id', 'integer'],
    ])
    for (const database of engines.all()) {
      await emptyDatabase(database)
      await new SchemaBuilder(database).createTable(roles).createTable(users).run()
      expect(await relations(database)).toEqual(['roles', 'users'])
    }
  })

  test('guards: dropColumn with ifExists', async () => {
    // t.dropColumn('users', 'nickname', { ifExists: true })
    const seen = await applyFeature(engines.all(), {
      before: (t) => [t.createTable(roles), t.createTable(users)],
      up: (t) => [
        t.dropColumn('users', 'nickname', { ifExists: true }),
        t.dropColumn('users', 'nickname', { ifExists: true }),
      ],
      look: (database) => tableShape(database, 'users'),
      irreversible: 'whether there was such a column',
    })
    expect(seen).not.toContain('nickname')
  })
})

describe('tables', () => {
  test('create table takes a whole model', async () => {
    // t.createTable(User)
    const seen = await applyFeature(engines.all(), {
      before: (t) => t.createTable(roles),
      up: (t) => [t.createTable(users)],
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id integer NOT NULL
        email character varying NOT NULL
        nickname character varying
        active boolean DEFAULT true NOT NULL
        role_id integer NOT NULL
        users_pkey PRIMARY KEY (id)
        users_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles(id)
        CREATE INDEX idx_users_email ON public.users USING btree (email)
        CREATE INDEX idx_users_role_id ON public.users USING btree (role_id)"
    `)
  })

  test('drop table', async () => {
    // t.dropTable('users'); the model says what it was
    const seen = await applyFeature(engines.all(), {
      before: (t) => [t.createTable(roles), t.createTable(users)],
      up: (t) => [t.dropTable(users)],
      look: relations,
    })
    expect(seen).toEqual(['roles'])
  })
})

describe('columns: operations', () => {
  const before = (t: SchemaBuilder): unknown => [t.createTable(roles), t.createTable(users)]

  test('add column', async () => {
    // t.addColumn('users', 'age', t.number().default(0))
    const seen = await applyFeature(engines.all(), {
      before,
      up: (t) => [t.addColumn('users', (table) => table.number('age').defaultTo(0))],
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toContain('  age integer DEFAULT 0 NOT NULL\n')
  })

  test('drop column', async () => {
    // t.dropColumn('users', 'email')
    const seen = await applyFeature(engines.all(), {
      before,
      up: (t) => [
        t.dropColumn('users', 'email', { was: (table) => table.string('email').index() }),
      ],
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).not.toContain('email')
  })

  test('rename column', async () => {
    // t.renameColumn('users', 'email', 'mail')
    const seen = await applyFeature(engines.all(), {
      before,
      up: (t) => [t.renameColumn('users', 'email', 'mail')],
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toContain('  mail character varying NOT NULL\n')
  })
})

describe('column types and modifiers', () => {
  test('number, string, boolean, primary key, optional, unique, default', async () => {
    // t.number().primary(), t.string().unique(), t.string().optional(), t.boolean().default(false)
    const seen = await applyFeature(engines.all(), {
      up: (t) =>
        t.createTable('things', (table) => {
          table.number('id').primary()
          table.string('code').unique()
          table.string('note').nullable()
          table.boolean('done').defaultTo(false)
        }),
      look: (database) => tableShape(database, 'things'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "things
        id integer NOT NULL
        code character varying NOT NULL
        note character varying
        done boolean DEFAULT false NOT NULL
        things_code_key UNIQUE (code)
        things_pkey PRIMARY KEY (id)"
    `)
  })

  test('inline index', async () => {
    // t.string().index()
    const seen = await applyFeature(engines.all(), {
      up: (t) =>
        t.createTable('things', (table) => {
          table.string('code').index()
          table.string('kind').index({ unique: true, where: `kind <> ''` })
        }),
      look: (database) => tableShape(database, 'things'),
    })
    expect(seen).toContain('CREATE INDEX idx_things_code ON public.things USING btree (code)')
    expect(seen).toContain('CREATE UNIQUE INDEX idx_things_kind ON public.things')
  })

  test('belongsTo(Model)', async () => {
    // t.belongsTo(Role): the column has the type of the key it points to
    const seen = await applyFeature(engines.all(), {
      before: (t) => t.createTable(roles),
      up: (t) =>
        t.createTable('grants', (table) => {
          table.belongsTo(roles, { onDelete: 'CASCADE' })
          table.belongsTo(roles, { as: 'former', nullable: true })
        }),
      look: (database) => tableShape(database, 'grants'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "grants
        role_id integer NOT NULL
        former_id integer
        grants_former_id_fkey FOREIGN KEY (former_id) REFERENCES roles(id)
        grants_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles(id) ON DELETE CASCADE
        CREATE INDEX idx_grants_former_id ON public.grants USING btree (former_id)
        CREATE INDEX idx_grants_role_id ON public.grants USING btree (role_id)"
    `)
  })

  test('many to many: a pivot', async () => {
    // belongsToMany on both models; jsorm names the pivot in its output
    const seen = await applyFeature(engines.all(), {
      before: (t) => [t.createTable(roles), t.createTable(users)],
      up: (t) => [t.manyToMany(users, roles)],
      look: (database) => tableShape(database, 'roles_users'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "roles_users
        role_id integer NOT NULL
        user_id integer NOT NULL
        roles_users_pkey PRIMARY KEY (role_id, user_id)
        roles_users_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles(id) ON DELETE CASCADE
        roles_users_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
        CREATE INDEX idx_roles_users_role_id ON public.roles_users USING btree (role_id)
        CREATE INDEX idx_roles_users_user_id ON public.roles_users USING btree (user_id)"
    `)
  })
})

describe('indexes', () => {
  test('create index', async () => {
    // t.createIndex('users', ['email', 'active'])
    const seen = await applyFeature(engines.all(), {
      before: (t) => [t.createTable(roles), t.createTable(users)],
      up: (t) => [t.createIndex('users', ['email', 'active'])],
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toContain('idx_users_email_active ON public.users USING btree (email, active)')
  })

  test('drop index', async () => {
    // t.dropIndex('users', 'idx_users_email')
    const seen = await applyFeature(engines.all(), {
      before: (t) => [t.createTable(roles), t.createTable(users)],
      up: (t) => [t.dropIndex('users', { index: 'idx_users_email' })],
      down: (t) => [t.createIndex('users', 'email')],
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).not.toContain('idx_users_email ')
  })
})

describe('raw SQL', () => {
  test('raw reversible pair', async () => {
    // rawSql(forward, backward), in the list of up
    const seen = await applyFeature(engines.all(), {
      before: (t) => [t.createTable(roles), t.createTable(users)],
      up: (t) => [
        t.createIndex('users', 'active'),
        rawSql('CREATE VIEW active AS SELECT * FROM users WHERE active', 'DROP VIEW active'),
        t.raw('ALTER TABLE users SET (fillfactor = 70)', 'ALTER TABLE users RESET (fillfactor)'),
      ],
      look: relations,
    })
    expect(seen).toEqual(['active', 'roles', 'users'])
  })

  test('a list keeps its order', async () => {
    const seen = await applyFeature(engines.all(), {
      up: (t) => [
        rawSql('CREATE TABLE a (n int)', 'DROP TABLE a'),
        [
          t.addColumn('a', (table) => table.text('b')),
          rawSql('CREATE INDEX c ON a (b)', 'DROP INDEX c'),
        ],
        { kind: 'renameColumn', table: { name: 'a' }, from: 'b', to: 'd' } as const,
      ],
      look: (database) => tableShape(database, 'a'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "a
        n integer
        d text NOT NULL
        CREATE INDEX c ON public.a USING btree (d)"
    `)
  })

  test('without its backward half there is no way back', async () => {
    await applyFeature(engines.all(), {
      up: [rawSql('CREATE TABLE a (n int)')],
      look: relations,
      irreversible: 'raw(up, down)',
    })
  })
})

describe('execution, tracking, configuration', () => {
  test('migration source object, history table of another name', async () => {
    // defineMigrationSource({ adapter, migrations: […], migrationTable: 'jsorm_migrations' })
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const before = await catalog(database)
      const source = defineMigrationSource({
        database,
        migrations: [defineMigration({ name: '1', up: (t) => t.createTable(roles) })],
        historyTable: 'jsorm_history',
      })
      await migrate(source)
      expect(await relations(database)).toEqual(['jsorm_history', 'roles'])
      await migrateDown(source)
      await database.run(['DROP TABLE jsorm_history'])
      expect(await catalog(database)).toEqual(before)
    }
  })

  test('the same definition, as the file of a folder', async () => {
    const { folder } = createProject({
      '20240101000000_init.mjs': `export default {
        up: (t) => [t.createTable('roles', (table) => { table.number('id').primary() })],
        down: (t) => [t.dropTable('roles')],
      }`,
    })
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const migrator = new Migrator({ client: database, folder })
      await migrator.up()
      expect(await relations(database)).toEqual(['roles'])
      await migrator.down()
      expect(await relations(database)).toEqual([])
      await migrator.close()
    }
  })
})
