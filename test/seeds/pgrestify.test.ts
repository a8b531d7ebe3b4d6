// PGRestify: SQL files, sql/migrations/<date>-<name>/{up,down}.sql, with guards and transactions written
// by hand; scaffolds of a table with its policies and its updated_at trigger.
import { describe, expect, test } from 'vitest'

import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import type { Database } from '../../src/database/database.ts'
import { Migrator } from '../../src/migration/migrator.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { catalog } from '../helpers/catalog.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { relations, tableShape } from '../helpers/table-shape.ts'
import { useRole } from '../helpers/use-role.ts'
import { createProject } from '../migration/project.ts'

const engines = useEngines()
const role = useRole(engines)

const users = (builder: SchemaBuilder): unknown =>
  builder.createTable('users', (table) => {
    table.id()
    table.text('name')
    table.text('email').nullable()
  })

const posts = (builder: SchemaBuilder): unknown => [
  users(builder),
  builder.createTable('posts', (table) => {
    table.id()
    table.text('title')
    table.text('content')
    table.uuid('author_id')
    table.boolean('published').defaultTo(false)
    table.jsonb('meta').defaultTo({})
  }),
]

const usersShape = (database: Database): Promise<string> => tableShape(database, 'users')
const postsShape = (database: Database): Promise<string> => tableShape(database, 'posts')

/** auth.uid() and auth.role(), which PGRestify's policies ask who is there. */
const auth = (builder: SchemaBuilder): unknown =>
  builder
    .createSchema('auth')
    .createFunction('auth.uid', {
      returns: 'uuid',
      language: 'sql',
      volatility: 'stable',
      body: `SELECT nullif(current_setting('app.user_id', true), '')::uuid`,
    })
    .grant('usage', { on: { schema: 'auth' }, to: role.name })
    .grant('usage', { on: { schema: 'public' }, to: role.name })

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

describe('raw SQL, database objects', () => {
  test('functions, triggers: an audit trail', async () => {
    // 04_triggers.sql
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder
          .createTable('audit', (table) => {
            table.identity('id').primary()
            table.text('what')
            table.jsonb('old').nullable()
            table.jsonb('new').nullable()
          })
          .createFunction('audit_change', {
            returns: 'trigger',
            security: 'definer',
            set: { search_path: ['public', 'pg_temp'] },
            body: `BEGIN
              INSERT INTO audit (what, old, new) VALUES (TG_OP, to_jsonb(OLD) -> 'name', to_jsonb(NEW) -> 'name');
              RETURN NULL;
            END`,
          })
          .createTrigger('audit_users', 'users', {
            when: 'after',
            events: ['insert', 'update', 'delete'],
            forEach: 'row',
            execute: 'audit_change',
          }),
      look: async (database) => {
        await database.run([
          `INSERT INTO users (name) VALUES ('ada')`,
          `UPDATE users SET name = 'eve'`,
          'DELETE FROM users',
        ])
        return (await database.query('SELECT what, old, new FROM audit ORDER BY id')).rows
      },
    })
    expect(seen).toEqual([
      { what: 'INSERT', old: null, new: 'ada' },
      { what: 'UPDATE', old: 'ada', new: 'eve' },
      { what: 'DELETE', old: 'eve', new: null },
    ])
  })

  test('row level security: select, update and insert policies with auth.uid()', async () => {
    // 02_rls.sql
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [auth(builder), posts(builder)],
      up: (builder) =>
        builder
          .enableRls('posts')
          .policy('read_published', 'posts', { for: 'select', using: 'published' })
          .policy('write_own', 'posts', {
            for: 'insert',
            to: role.name,
            withCheck: 'author_id = auth.uid()',
          })
          .policy('change_own', 'posts', {
            for: 'update',
            to: role.name,
            using: 'author_id = auth.uid()',
          })
          .grant(['select', 'insert', 'update'], { on: { table: 'posts' }, to: role.name }),
      look: async (database) => {
        const id = '11111111-1111-4111-8111-111111111111'
        const session = await database.session()
        const insert = (author: string, title: string): string =>
          `INSERT INTO posts (title, content, author_id, published) VALUES ('${title}', '', ${author}, ${title === 'mine'})`
        try {
          await session.query(insert('gen_random_uuid()', 'hidden'))
          await session.query(`SET app.user_id = '${id}'`)
          await session.query(`SET ROLE ${role.name}`)
          await session.query(insert(`'${id}'`, 'mine'))
          const refused = await session
            .query(insert('gen_random_uuid()', 'theirs'))
            .then(() => 'allowed', String)
          const { rows } = await session.query('SELECT title FROM posts')
          return [rows, refused.includes('row-level security')]
        } finally {
          try {
            await session.query('RESET ROLE; RESET app.user_id')
          } finally {
            await session.release()
          }
        }
      },
    })
    expect(seen).toEqual([[{ title: 'mine' }], true])
  })

  test('policies dropped and re-created', async () => {
    // DROP POLICY IF EXISTS …; CREATE POLICY …
    const own = { for: 'select', using: 'author_id = auth.uid()' } as const
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [
        auth(builder),
        posts(builder),
        builder.enableRls('posts').policy('read', 'posts', own),
        builder.policy('change', 'posts', { for: 'update', using: 'published' }),
      ],
      up: (builder) =>
        builder
          .dropPolicy('read', 'posts', { was: own })
          .policy('read', 'posts', { for: 'select', using: 'published OR author_id = auth.uid()' })
          .alterPolicy(
            'change',
            'posts',
            { using: 'NOT published' },
            { was: { using: 'published' } },
          ),
      look: postsShape,
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
        POLICY change FOR UPDATE USING (NOT published)
        POLICY read FOR SELECT USING (published OR (author_id = auth.uid()))
        ROW LEVEL SECURITY"
    `)
  })

  test('views', async () => {
    // 03_views.sql
    const query = 'SELECT id, title FROM posts WHERE published'
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [posts(builder), builder.createView('published_posts', query)],
      up: (builder) =>
        builder
          .createView('published_posts', `${query} AND content <> ''`, {
            replace: true,
            was: { query },
          })
          .createView('authors', 'SELECT DISTINCT author_id FROM posts', { securityInvoker: true })
          .createMaterializedView(
            'post_counts',
            'SELECT author_id, count(*) FROM posts GROUP BY 1',
          ),
      look: relations,
    })
    expect(seen).toEqual(['authors', 'post_counts', 'posts', 'published_posts', 'users'])
  })
})

describe('generation', () => {
  test('table scaffold: table, row level security and trigger in one call', async () => {
    // schema generate posts --columns … --foreign-keys "author_id:users(id)"
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [auth(builder), users(builder)],
      up: (builder) =>
        builder.createTable('posts', (table) => {
          table.id()
          table.text('title')
          table.uuid('author_id').references('users', 'id').onDelete('CASCADE').index()
          table.boolean('published').defaultTo(false)
          table.timestamps({ trigger: true })
          table.enableRls()
          table.policy('posts_select', {
            for: 'select',
            using: 'published OR author_id = auth.uid()',
          })
          table.policy('posts_insert', { for: 'insert', withCheck: 'author_id = auth.uid()' })
          table.policy('posts_update', { for: 'update', using: 'author_id = auth.uid()' })
        }),
      look: postsShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "posts
        id uuid DEFAULT gen_random_uuid() NOT NULL
        title text NOT NULL
        author_id uuid NOT NULL
        published boolean DEFAULT false NOT NULL
        created_at timestamp with time zone DEFAULT now() NOT NULL
        updated_at timestamp with time zone DEFAULT now() NOT NULL
        posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES users(id) ON DELETE CASCADE
        posts_pkey PRIMARY KEY (id)
        CREATE INDEX idx_posts_author_id ON public.posts USING btree (author_id)
        CREATE TRIGGER faasjs_pg_touch_updated_at BEFORE UPDATE ON public.posts FOR EACH ROW EXECUTE FUNCTION faasjs_pg_touch_updated_at()
        POLICY posts_insert FOR INSERT WITH CHECK (author_id = auth.uid())
        POLICY posts_select FOR SELECT USING (published OR (author_id = auth.uid()))
        POLICY posts_update FOR UPDATE USING (author_id = auth.uid())
        ROW LEVEL SECURITY"
    `)
  })
})

describe('expand and evolve recipes', () => {
  test('add column, relation, constraint change with UPDATE', async () => {
    const seen = await applyFeature(engines.all(), {
      before: async (builder, { db }) => {
        posts(builder)
        builder.addCheck('posts', 'titled', 'length(title) > 0')
        const ada = await db.insert<{ id: string }>('users', { name: 'ada' })
        await db.insert('posts', { title: 'a', content: '', author_id: ada.id })
      },
      up: async (builder, { db }) => {
        builder
          .addColumn('posts', (table) => table.text('language').backfill('en'))
          .addForeignKey('posts', 'author_id', { table: 'users' }, { notValid: true })
          .validateConstraint('posts', 'posts_author_id_fkey')
          .dropCheck('posts', 'titled')
        await db.update('posts', { title: 'untitled' }, sql`length(title) < 3`)
        builder.addCheck('posts', 'titled', 'length(title) >= 3')
      },
      down: (builder) =>
        builder
          .dropCheck('posts', 'titled')
          .addCheck('posts', 'titled', 'length(title) > 0')
          .dropForeignKey('posts', 'posts_author_id_fkey')
          .dropColumn('posts', 'language'),
      look: async (database) => [
        await postsShape(database),
        (await database.query('SELECT title, language FROM posts')).rows,
      ],
    })
    expect(seen).toMatchInlineSnapshot(`
      [
        "posts
        id uuid DEFAULT gen_random_uuid() NOT NULL
        title text NOT NULL
        content text NOT NULL
        author_id uuid NOT NULL
        published boolean DEFAULT false NOT NULL
        meta jsonb DEFAULT '{}'::jsonb NOT NULL
        language text NOT NULL
        posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES users(id)
        posts_pkey PRIMARY KEY (id)
        titled CHECK ((length(title) >= 3))",
        [
          {
            "language": "en",
            "title": "untitled",
          },
        ],
      ]
    `)
  })

  test('a batched update of a large table', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [
        users(builder),
        builder.raw(`INSERT INTO users (name) SELECT 'u' || n FROM generate_series(1, 25) AS n`),
      ],
      transaction: false,
      up: (builder) =>
        builder.backfill('users', {
          set: { email: sql`name || '@example.test'` },
          where: 'email IS NULL',
          batchSize: 10,
        }),
      look: async (database) =>
        (await database.query(`SELECT count(*)::int AS n FROM users WHERE email LIKE 'u%@%'`)).rows,
    })
    expect(seen).toEqual([{ n: 25 }])
    for (const database of engines.all()) {
      expect(JSON.stringify(await catalog(database))).not.toContain('faasjs_pg_backfills')
    }
  })
})
