// PGRestify: SQL files, sql/migrations/<date>-<name>/{up,down}.sql, with guards and transactions written
// by hand; scaffolds of a table with its policies and its updated_at trigger.
import { describe, expect, test } from 'vitest'

import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { catalog } from '../helpers/catalog.ts'
import { useEngines } from '../helpers/check-sql.ts'
import { relations } from '../helpers/table-shape.ts'
import { useRole } from '../helpers/use-role.ts'
import { posts, postsShape, users } from './pgrestify-tables.ts'

const engines = useEngines()

const role = useRole(engines)

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
