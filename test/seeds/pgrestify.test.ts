// PGRestify: SQL files, sql/migrations/<date>-<name>/{up,down}.sql, with guards and transactions written
// by hand; scaffolds of a table with its policies and its updated_at trigger.
import { describe, expect, test } from 'vitest'

import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import type { Database } from '../../src/database/database.ts'
import { Migrator } from '../../src/migration/migrator.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { relations, tableShape } from '../helpers/table-shape.ts'
import { createProject } from '../migration/project.ts'
import { posts, postsShape, users } from './pgrestify-tables.ts'

const engines = useEngines()

const usersShape = (database: Database): Promise<string> => tableShape(database, 'users')

describe('migration file shape, naming, ordering', () => {
  test('directory per migration with two SQL files', async () => {
    const { root, write } = createProject()
    write({
      '../../../sql/migrations/2024-01-15-add-user-preferences/up.sql': `
        -- Guards are the style there, and work here.
        CREATE TABLE IF NOT EXISTS user_preferences (
          id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
          theme TEXT NOT NULL DEFAULT 'light' CHECK (theme IN ('light', 'dark'))
        );
        CREATE INDEX IF NOT EXISTS idx_user_preferences_theme ON user_preferences (theme);
        DO $$ BEGIN PERFORM 1; END $$;`,
      '../../../sql/migrations/2024-01-15-add-user-preferences/down.sql':
        'DROP TABLE IF EXISTS user_preferences;',
      '../../../sql/migrations/2024-01-16-a-note.md': 'not a migration',
    })
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const migrator = new Migrator({ client: database, folder: `${root}/sql/migrations` })
      const { applied } = await migrator.migrate()
      expect(applied).toMatchObject([{ name: '2024-01-15-add-user-preferences', statements: 3 }])
      expect(await tableShape(database, 'user_preferences')).toMatchInlineSnapshot(`
        "user_preferences
          id uuid DEFAULT gen_random_uuid() NOT NULL
          theme text DEFAULT 'light'::text NOT NULL
          user_preferences_pkey PRIMARY KEY (id)
          user_preferences_theme_check CHECK ((theme = ANY (ARRAY['light'::text, 'dark'::text])))
          CREATE INDEX idx_user_preferences_theme ON public.user_preferences USING btree (theme)"
      `)
      await migrator.down()
      expect(await relations(database)).toEqual([])
      await migrator.close()
    }
  })

  test('transactions written by hand are refused: each migration is one already', async () => {
    // BEGIN; … COMMIT; in the file
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const { folder } = createProject({ '1/up.sql': 'BEGIN;\nCREATE TABLE a ();\nCOMMIT;' })
      const migrator = new Migrator({ client: database, folder })
      await expect(migrator.migrate()).rejects.toMatchObject({
        code: 'FAASJS_PG_TRANSACTION_ENDED',
      })
      expect(await relations(database)).toEqual([])
      await migrator.close()
    }
  })

  test('class-shaped pattern', async () => {
    // class AddUserPreferences { name; timestamp; up(); down() }
    const { folder } = createProject({
      '2024-01-15-add-user-preferences.mjs': `
        class AddUserPreferences {
          timestamp = '2024-01-15'
          table = 'user_preferences'
          up(builder) { builder.createTable(this.table, (table) => table.id()) }
          down(builder) { builder.dropTable(this.table) }
        }
        export default new AddUserPreferences()`,
    })
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const migrator = new Migrator({ client: database, folder })
      await migrator.migrate()
      expect(await relations(database)).toEqual(['user_preferences'])
      await migrator.down()
      expect(await relations(database)).toEqual([])
      await migrator.close()
    }
  })

  test('several folders: schemas/01_main … 05_indexes, functions, migrations', async () => {
    const { root, write } = createProject()
    write({
      '../../../sql/schemas/01_main.sql': 'CREATE TABLE a (n int)',
      '../../../sql/schemas/05_indexes.sql': 'CREATE INDEX i ON a (n)',
      '../../../sql/functions/06_auth.sql':
        'CREATE FUNCTION one() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END',
    })
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const migrator = new Migrator({
        client: database,
        folder: `${root}/sql/{schemas,functions}`,
      })
      const { applied } = await migrator.migrate()
      expect(applied.map(({ name }) => name)).toEqual(['01_main', '05_indexes', '06_auth'])
      expect(await tableShape(database, 'a')).toContain('CREATE INDEX i')
      await migrator.close()
    }
  })
})

describe('column types and modifiers', () => {
  test('shorthand string', async () => {
    // schema generate posts --columns "title:text,content:text,author_id:uuid,published:boolean"
    const columns = { title: 'text', content: 'text', author_id: 'uuid', published: 'boolean' }
    const seen = await applyFeature(engines.all(), {
      up: (builder) =>
        builder.createTable('posts', (table) => {
          table.id()
          for (const [name, type] of Object.entries(columns)) table.specificType(name, type)
        }),
      look: postsShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "posts
        id uuid DEFAULT gen_random_uuid() NOT NULL
        title text NOT NULL
        content text NOT NULL
        author_id uuid NOT NULL
        published boolean NOT NULL
        posts_pkey PRIMARY KEY (id)"
    `)
  })

  test('created_at, updated_at and its trigger', async () => {
    // update_updated_at_column() and CREATE TRIGGER … BEFORE UPDATE, once per table
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) => {
        builder.createTable('notes', (table) => {
          table.text('note')
          table.timestamps({ trigger: true })
        })
        builder
          .addColumn('users', (table) => table.timestamptz('updated_at').defaultTo('now()'))
          .touchOnUpdate('users')
      },
      look: async (database) => {
        await database.run([
          `INSERT INTO notes VALUES ('a', '2000-01-01', '2000-01-01')`,
          `UPDATE notes SET note = 'b', updated_at = '1999-01-01'`,
        ])
        const { rows } = await database.query(
          `SELECT note, extract(year FROM created_at)::int AS created, updated_at > now() - interval '1 minute' AS fresh FROM notes`,
        )
        const { rows: functions } = await database.query(
          `SELECT count(DISTINCT tgfoid)::int AS functions, count(*)::int AS triggers FROM pg_trigger WHERE NOT tgisinternal`,
        )
        return [...rows, ...functions]
      },
    })
    expect(seen).toEqual([
      { note: 'b', created: 2000, fresh: true },
      { functions: 1, triggers: 2 },
    ])
  })

  test('primary key, inline check', async () => {
    // id UUID PRIMARY KEY DEFAULT gen_random_uuid(), role TEXT CHECK (role IN ('user', 'admin'))
    const seen = await applyFeature(engines.all(), {
      up: (builder) =>
        builder.createTable('users', (table) => {
          table.id()
          table.text('role').defaultTo('user').check(`role IN ('user', 'admin')`)
        }),
      look: usersShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id uuid DEFAULT gen_random_uuid() NOT NULL
        role text DEFAULT 'user'::text NOT NULL
        users_pkey PRIMARY KEY (id)
        users_role_check CHECK ((role = ANY (ARRAY['user'::text, 'admin'::text])))"
    `)
  })
})

describe('indexes, keys, constraints', () => {
  test('concurrent index', async () => {
    // CREATE INDEX CONCURRENTLY idx_posts_author_id ON posts (author_id);
    const seen = await applyFeature(engines.all(), {
      before: posts,
      transaction: false,
      up: (builder) => builder.createIndex('posts', 'author_id', { concurrently: true }),
      look: postsShape,
    })
    expect(seen).toContain('CREATE INDEX idx_posts_author_id ON public.posts')
  })

  test('partial, GIN, expression and full text', async () => {
    const seen = await applyFeature(engines.all(), {
      before: posts,
      up: (builder) =>
        builder
          .createIndex('posts', 'author_id', { where: 'published' })
          .createIndex('posts', { column: 'meta', opclass: 'jsonb_path_ops' }, { indexType: 'gin' })
          .createIndex('users', sql`lower(email)`)
          .createIndex('posts', sql`to_tsvector('english', title || ' ' || content)`, {
            name: 'idx_posts_search',
            indexType: 'gin',
          }),
      look: (database) => tableShape(database, 'posts', 'users'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "posts
        id uuid DEFAULT gen_random_uuid() NOT NULL
        title text NOT NULL
        content text NOT NULL
        author_id uuid NOT NULL
        published boolean DEFAULT false NOT NULL
        meta jsonb DEFAULT '{}'::jsonb NOT NULL
        posts_pkey PRIMARY KEY (id)
        CREATE INDEX idx_posts_author_id ON public.posts USING btree (author_id) WHERE published
        CREATE INDEX idx_posts_meta ON public.posts USING gin (meta jsonb_path_ops)
        CREATE INDEX idx_posts_search ON public.posts USING gin (to_tsvector('english'::regconfig, ((title || ' '::text) || content)))
      users
        id uuid DEFAULT gen_random_uuid() NOT NULL
        name text NOT NULL
        email text
        users_pkey PRIMARY KEY (id)
        CREATE INDEX idx_users_expr ON public.users USING btree (lower(email))"
    `)
  })

  test('add foreign key', async () => {
    // --foreign-keys "author_id:users(id)"
    const seen = await applyFeature(engines.all(), {
      before: posts,
      up: (builder) =>
        builder.addForeignKey('posts', 'author_id', { table: 'users' }, { onDelete: 'CASCADE' }),
      look: postsShape,
    })
    expect(seen).toContain('FOREIGN KEY (author_id) REFERENCES users(id) ON DELETE CASCADE')
  })

  test('NOT VALID then VALIDATE', async () => {
    const before = (builder: SchemaBuilder): unknown => [
      users(builder),
      builder.raw(`INSERT INTO users (name) VALUES ('')`),
    ]
    const added = (builder: SchemaBuilder): unknown =>
      builder.addCheck('users', 'has_name', `name <> ''`, { notValid: true })
    expect(await applyFeature(engines.all(), { before, up: added, look: usersShape })).toContain(
      `has_name CHECK ((name <> ''::text)) NOT VALID`,
    )
    const seen = await applyFeature(engines.all(), {
      before,
      up: (builder) => {
        added(builder)
        builder.raw(`UPDATE users SET name = '?' WHERE name = ''`, 'SELECT')
        builder.validateConstraint('users', 'has_name')
      },
      look: usersShape,
    })
    expect(seen).toContain(`has_name CHECK ((name <> ''::text))\n`)
  })
})
