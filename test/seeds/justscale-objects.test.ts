// JustScale: `export default defineMigration({ async up({ db }) {…}, async down({ db }) {…} })`, with
// one flat call a change on `db`, field builders, and row helpers for seed migrations.
import { describe, expect, test } from 'vitest'

import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import { Migrator } from '../../src/migration/migrator.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { enumValuesOf, relations, tableShape } from '../helpers/table-shape.ts'
import { createProject } from '../migration/project.ts'
import { users } from './justscale-tables.ts'

const engines = useEngines()

const usersAndPosts = (builder: SchemaBuilder): unknown => {
  users(builder)
  return builder.createTable('posts', (table) => {
    table.id()
    table.uuid('author_id')
    table.text('title')
    table.array('tags', 'text')
    table.integer('views').defaultTo(0)
  })
}

describe('indexes, keys, constraints, types', () => {
  test('create index', async () => {
    // db.createIndex('posts', 'tags', { using: 'gin' }); db.createIndex('users', 'email', { unique: true, where: … })
    const seen = await applyFeature(engines.all(), {
      before: usersAndPosts,
      up: (builder) =>
        builder
          .createIndex('users', 'email', { unique: true, where: sql`status <> ${'gone'}` })
          .createIndex('posts', ['author_id', 'title'])
          .createIndex('posts', 'tags', { indexType: 'gin' }),
      look: (database) => tableShape(database, 'users', 'posts'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id uuid DEFAULT gen_random_uuid() NOT NULL
        email character varying(200) NOT NULL
        status text
        users_pkey PRIMARY KEY (id)
        CREATE UNIQUE INDEX idx_users_email ON public.users USING btree (email) WHERE (status <> 'gone'::text)
      posts
        id uuid DEFAULT gen_random_uuid() NOT NULL
        author_id uuid NOT NULL
        title text NOT NULL
        tags text[] NOT NULL
        views integer DEFAULT 0 NOT NULL
        posts_pkey PRIMARY KEY (id)
        CREATE INDEX idx_posts_author_id_title ON public.posts USING btree (author_id, title)
        CREATE INDEX idx_posts_tags ON public.posts USING gin (tags)"
    `)
  })

  test('partial, GIN, expression and full text', async () => {
    // by db.raw('CREATE INDEX …') there
    const seen = await applyFeature(engines.all(), {
      before: usersAndPosts,
      up: (builder) =>
        builder
          .createIndex('users', sql`lower(email)`, { name: 'users_by_mail', unique: true })
          .createIndex('posts', sql`to_tsvector('english', title)`, {
            name: 'posts_words',
            indexType: 'gin',
          })
          .createIndex('posts', { column: 'views', order: 'desc' }, { where: 'views > 100' }),
      look: (database) => tableShape(database, 'users', 'posts'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id uuid DEFAULT gen_random_uuid() NOT NULL
        email character varying(200) NOT NULL
        status text
        users_pkey PRIMARY KEY (id)
        CREATE UNIQUE INDEX users_by_mail ON public.users USING btree (lower((email)::text))
      posts
        id uuid DEFAULT gen_random_uuid() NOT NULL
        author_id uuid NOT NULL
        title text NOT NULL
        tags text[] NOT NULL
        views integer DEFAULT 0 NOT NULL
        posts_pkey PRIMARY KEY (id)
        CREATE INDEX idx_posts_views ON public.posts USING btree (views DESC) WHERE (views > 100)
        CREATE INDEX posts_words ON public.posts USING gin (to_tsvector('english'::regconfig, title))"
    `)
  })

  test('drop index', async () => {
    // db.dropIndex('idx_users_email')
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [users(builder), builder.createIndex('users', 'email')],
      up: (builder) => builder.dropIndex('users', 'email', { was: {} }),
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).not.toContain('INDEX')
  })

  test('drop index, by its name', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [users(builder), builder.createIndex('users', 'email')],
      up: (builder) => builder.dropIndex('users', { index: 'idx_users_email' }),
      look: (database) => tableShape(database, 'users'),
      irreversible: 'the definition of the index is not recorded',
    })
    expect(seen).not.toContain('INDEX')
  })

  test('index naming', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder
          .createIndex('users', 'email')
          .createIndex('users', ['email', 'status'])
          .createIndex('users', 'status', { name: 'mine' }),
      look: async (database) => {
        const { rows } = await database.query<{ indexname: string }>(
          `SELECT indexname FROM pg_indexes WHERE tablename = 'users' ORDER BY indexname`,
        )
        return rows.map(({ indexname }) => indexname)
      },
    })
    expect(seen).toEqual(['idx_users_email', 'idx_users_email_status', 'mine', 'users_pkey'])
  })

  test('concurrent index', async () => {
    // "must sit in a migration of its own"
    const seen = await applyFeature(engines.all(), {
      before: users,
      transaction: false,
      up: (builder) => builder.createIndex('users', 'email', { concurrently: true }),
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toContain('CREATE INDEX idx_users_email ON public.users USING btree (email)')
  })

  test('add foreign key', async () => {
    // db.addForeignKey('posts', 'author_id', { table: 'users', column: 'id' }, { onDelete: 'CASCADE' })
    const actions = ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION'] as const
    for (const action of actions) {
      const seen = await applyFeature(engines.all(), {
        before: usersAndPosts,
        up: (builder) =>
          builder.addForeignKey(
            'posts',
            'author_id',
            { table: 'users', column: 'id' },
            { onDelete: action, onUpdate: action },
          ),
        look: (database) => tableShape(database, 'posts'),
      })
      const said = action === 'NO ACTION' ? '' : ` ON UPDATE ${action} ON DELETE ${action}`
      expect(seen).toContain(
        `  posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES users(id)${said}\n`,
      )
    }
  })

  test('drop foreign key', async () => {
    // db.dropForeignKey('posts', 'fk_posts_author_id')
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [
        usersAndPosts(builder),
        builder.addForeignKey(
          'posts',
          'author_id',
          { table: 'users' },
          { name: 'fk_posts_author_id' },
        ),
      ],
      up: (builder) =>
        builder.dropForeignKey('posts', 'fk_posts_author_id', {
          was: (table) => table.foreign('author_id').references('users', 'id'),
        }),
      look: (database) => tableShape(database, 'posts'),
    })
    expect(seen).not.toContain('FOREIGN KEY')
  })

  test('unique constraint', async () => {
    // db.addUnique('users', 'email'); db.addUnique('users', ['email', 'status'], 'one_of_each'); db.dropUnique(…)
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [users(builder), builder.addUnique('users', 'id', { name: 'old' })],
      up: (builder) =>
        builder
          .addUnique('users', 'email')
          .addUnique('users', ['email', 'status'], { name: 'one_of_each' })
          .dropUnique('users', 'old', { was: (table) => table.unique('id') }),
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id uuid DEFAULT gen_random_uuid() NOT NULL
        email character varying(200) NOT NULL
        status text
        one_of_each UNIQUE (email, status)
        users_email_key UNIQUE (email)
        users_pkey PRIMARY KEY (id)"
    `)
  })

  test('check constraint', async () => {
    // db.addCheck('posts', 'views_positive', 'views >= 0'); db.dropCheck('posts', 'old')
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [usersAndPosts(builder), builder.addCheck('posts', 'old', 'views < 9')],
      up: (builder) =>
        builder
          .addCheck('posts', 'views_positive', 'views >= 0')
          .dropCheck('posts', 'old', { was: (table) => table.check('old', 'views < 9') }),
      look: (database) => tableShape(database, 'posts'),
    })
    expect(seen).toContain('views_positive CHECK ((views >= 0))')
    expect(seen).not.toContain('old CHECK')
  })

  test('enum type', async () => {
    // db.createType('status', […]); db.addTypeValue('status', 'paused', { after: 'active' })
    const seen = await applyFeature(engines.all(), {
      before: (builder) => builder.createType('level', ['low', 'high']),
      up: (builder) => [
        builder.createType('status', ['active', 'gone']),
        builder.addTypeValue('status', 'new', { before: 'active' }),
        builder.addTypeValue('status', 'paused', { after: 'active' }),
        builder.addTypeValue('level', 'top', { was: ['low', 'high'] }),
      ],
      look: async (database) => [
        await enumValuesOf(database, 'status'),
        await enumValuesOf(database, 'level'),
      ],
    })
    expect(seen).toEqual([
      ['new', 'active', 'paused', 'gone'],
      ['low', 'high', 'top'],
    ])
  })

  test('enum type: drop, and drop if it exists', async () => {
    const types = (database: Parameters<typeof relations>[0]): Promise<unknown> =>
      database.query(`SELECT typname FROM pg_type WHERE typtype = 'e'`)
    const seen = await applyFeature(engines.all(), {
      before: (builder) => builder.createType('level', ['low', 'high']),
      up: (builder) => builder.dropType('level', { was: { values: ['low', 'high'] } }),
      look: types,
    })
    expect(seen).toMatchObject({ rows: [] })
    await applyFeature(engines.all(), {
      before: (builder) => builder.createType('level', ['low', 'high']),
      up: (builder) => builder.dropTypeIfExists('level').dropTypeIfExists('nothing'),
      look: types,
      irreversible: 'whether there was such a type',
    })
  })

  test('enum type: one in use cannot be dropped', async () => {
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const { folder } = createProject({
        '1.mjs': `export const change = (builder) =>
          builder.createTable('users', (table) => table.enum('status', ['a'])).dropType('users_status')`,
      })
      const migrator = new Migrator({ client: database, folder })
      await expect(migrator.migrate()).rejects.toMatchObject({ sqlState: '2BP01' })
      expect(await relations(database)).toEqual([])
      await migrator.close()
    }
  })
})

describe('raw SQL, data operations, database objects', () => {
  test('raw statement', async () => {
    // db.raw('CREATE VIEW …')
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.raw('CREATE VIEW mails AS SELECT email FROM users', 'DROP VIEW mails'),
      look: relations,
    })
    expect(seen).toEqual(['mails', 'users'])
  })

  test('query with results inside a migration', async () => {
    // const rows = await db.query('SELECT … WHERE status = $1', ['active'])
    const seen = await applyFeature(engines.all(), {
      before: async (builder, { db }) => {
        users(builder)
        await db.insertMany('users', [
          { email: 'a@x', status: 'active' },
          { email: 'b@x', status: 'gone' },
        ])
      },
      up: async (builder, { db }) => {
        const [found] = await db.query<{ email: string }>(
          'SELECT email FROM users WHERE status = $1',
          ['active'],
        )
        builder.setDefault('users', 'email', found?.email ?? 'nobody')
      },
      down: (builder) => builder.dropDefault('users', 'email'),
      look: (database) => tableShape(database, 'users'),
    })
    expect(seen).toContain(`email character varying(200) DEFAULT 'a@x'::character varying NOT NULL`)
  })

  test('insert, insertMany, update, delete, exists, find, findOne', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: async (builder, { db }) => {
        builder.createTable('notes', (table) => table.jsonb('note'))
        // A seed that may run again: nothing is inserted twice.
        if (!(await db.exists('users', { email: 'ada@x' }))) {
          const ada = await db.insert<{ id: string; status: string | null }>('users', {
            email: 'ada@x',
          })
          await db.insert('notes', { note: { hasId: ada.id.length === 36, status: ada.status } })
        }
        await db.insertMany('users', [{ email: 'bob@x', status: 'old' }, { email: 'eve@x' }])
        const note = {
          updated: await db.update('users', { status: 'active' }, { status: null }),
          deleted: await db.delete('users', { email: 'bob@x' }),
          found: (await db.find('users', { status: 'active' })).length,
          one: (await db.findOne<{ email: string }>('users', { email: 'eve@x' }))?.email,
        }
        await db.insert('notes', { note })
      },
      down: async (builder, { db }) => {
        await db.delete('users', { email: ['ada@x', 'eve@x'] })
        builder.dropTable('notes')
      },
      look: async (database) => (await database.query('SELECT note FROM notes')).rows,
    })
    expect(seen).toEqual([
      { note: { hasId: true, status: null } },
      { note: { updated: 2, deleted: 1, found: 2, one: 'eve@x' } },
    ])
  })

  test('functions, triggers', async () => {
    // by db.raw there
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder
          .createFunction('lower_email', {
            returns: 'trigger',
            body: 'BEGIN NEW.email := lower(NEW.email); RETURN NEW; END',
          })
          .createTrigger('lower_email', 'users', {
            when: 'before',
            events: ['insert', 'update'],
            forEach: 'row',
            execute: 'lower_email',
          }),
      look: async (database) => {
        const { rows } = await database.query(
          `INSERT INTO users (email) VALUES ('ADA@X') RETURNING email`,
        )
        return rows
      },
    })
    expect(seen).toEqual([{ email: 'ada@x' }])
  })
})
