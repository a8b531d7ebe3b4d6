// AstrolaDB: `export default migration({ up(m) {…}, down(m) {…} })` in plain JavaScript, flat calls on
// namespaced tables ("auth.user"), associations that make their columns, and a derived way back.
import { describe, expect, test } from 'vitest'

import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import type { Database } from '../../src/database/database.ts'
import { Migrator } from '../../src/migration/migrator.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { enumValuesOf, relations, tableShape } from '../helpers/table-shape.ts'
import { createProject } from '../migration/project.ts'
import { postShape, users } from './astroladb-tables.ts'

const engines = useEngines()

const posts = (m: SchemaBuilder): unknown => [
  users(m),
  m.createTable('auth.post', (t) => {
    t.id()
    t.text('title')
    t.integer('rank')
  }),
]

const userShape = (database: Database): Promise<string> => tableShape(database, 'auth.user')

describe('migration file shape, naming, ordering', () => {
  test('default export of a definition, plain JS, sync handlers, in migrations/001_add_user_auth.js', async () => {
    const { root, write } = createProject()
    write({
      '../../../migrations/001_add_user_auth.js': `export default {
        up(m) { m.createTable('user', (t) => { t.id(); t.string('email', 255) }) },
        down(m) { m.dropTable('user') },
      }`,
      '../../../migrations/002_add_posts.js': `export default {
        up(m) { m.createTable('post', (t) => { t.id(); t.belongsTo('user') }) },
        down(m) { m.dropTable('post') },
      }`,
    })
    for (const database of engines.all()) {
      await emptyDatabase(database)
      const migrator = new Migrator({ client: database, folder: `${root}/migrations` })
      const { applied } = await migrator.migrate()
      expect(applied.map(({ name }) => name)).toEqual(['001_add_user_auth', '002_add_posts'])
      await migrator.down()
      expect(await relations(database)).toEqual(['user'])
      await migrator.close()
    }
  })

  test('automatic reversal of a whole schema', async () => {
    const seen = await applyFeature(engines.all(), {
      up: (m) => {
        posts(m)
        m.createTable('auth.role', (t) => t.id()).manyToMany('auth.user', 'auth.role')
        m.addColumn('auth.post', (t) => t.belongsTo('auth.user', { as: 'author' }))
        m.createIndex('auth.post', 'rank').addCheck('auth.post', 'ranked', 'rank > 0')
        m.renameColumn('auth.post', 'title', 'headline')
        m.dropTable('auth.role_user').dropTable('auth.role')
        m.renameTable('auth.post', 'article')
      },
      look: (database) => relations(database, 'auth'),
    })
    expect(seen).toEqual(['article', 'user'])
  })

  test('dependency ordering: a table may point to one that comes later', async () => {
    const seen = await applyFeature(engines.all(), {
      up: (m) =>
        m
          .createTable('post', (t) => {
            t.id()
            t.belongsTo('user')
          })
          .createTable('user', (t) => {
            t.id()
            t.belongsTo('post', { as: 'pinned', nullable: true })
          }),
      look: (database) => tableShape(database, 'post', '"user"'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "post
        id uuid DEFAULT gen_random_uuid() NOT NULL
        user_id uuid NOT NULL
        post_pkey PRIMARY KEY (id)
        post_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id)
        CREATE INDEX idx_post_user_id ON public.post USING btree (user_id)
      "user"
        id uuid DEFAULT gen_random_uuid() NOT NULL
        pinned_id uuid
        user_pinned_id_fkey FOREIGN KEY (pinned_id) REFERENCES post(id)
        user_pkey PRIMARY KEY (id)
        CREATE INDEX idx_user_pinned_id ON public."user" USING btree (pinned_id)"
    `)
  })
})

describe('tables', () => {
  test('create table, with a namespaced reference', async () => {
    // m.create_table("auth.user", t => { t.id(); t.string("email", 255).unique(); … })
    const seen = await applyFeature(engines.all(), { up: users, look: userShape })
    expect(seen).toMatchInlineSnapshot(`
      "auth.user
        id uuid DEFAULT gen_random_uuid() NOT NULL
        email character varying(255) NOT NULL
        username character varying(50) NOT NULL
        user_email_key UNIQUE (email)
        user_pkey PRIMARY KEY (id)"
    `)
  })

  test('drop table', async () => {
    // m.drop_table("auth.post")
    const seen = await applyFeature(engines.all(), {
      before: posts,
      up: (m) =>
        m.dropTable('auth.post', {
          was: (t) => {
            t.id()
            t.text('title')
            t.integer('rank')
          },
        }),
      look: (database) => relations(database, 'auth'),
    })
    expect(seen).toEqual(['user'])
  })

  test('rename table', async () => {
    // m.rename_table("auth.user", "account")
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (m) => m.renameTable('auth.user', 'account'),
      look: (database) => relations(database, 'auth'),
    })
    expect(seen).toEqual(['account'])
  })
})

describe('columns: operations', () => {
  test('add column', async () => {
    // m.add_column("auth.user", t => { t.string("bio", 500).optional() })
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (m) => m.addColumn('auth.user', (t) => t.string('bio', 500).nullable()),
      look: userShape,
    })
    expect(seen).toContain('  bio character varying(500)\n')
  })

  test('drop column', async () => {
    // m.drop_column("auth.user", "email")
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (m) =>
        m.dropColumn('auth.user', 'email', { was: (t) => t.string('email', 255).unique() }),
      look: userShape,
    })
    expect(seen).not.toContain('email')
  })

  test('rename column', async () => {
    // m.rename_column("auth.user", "username", "login")
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (m) => m.renameColumn('auth.user', 'username', 'login'),
      look: userShape,
    })
    expect(seen).toContain('  login character varying(50) NOT NULL\n')
  })

  test('alter type and constraints', async () => {
    // m.alter_column("auth.user", "username", t => t.string(100).optional())
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (m) =>
        m
          .alterColumn('auth.user', 'username', {
            type: 'varchar(100)',
            nullable: true,
            defaultValue: 'nobody',
            was: { type: 'varchar(50)', noDefault: true },
          })
          .alterColumn('auth.user', 'email', {
            type: 'text',
            check: `email LIKE '%@%'`,
            was: { type: 'varchar(255)' },
          }),
      look: userShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "auth.user
        id uuid DEFAULT gen_random_uuid() NOT NULL
        email text NOT NULL
        username character varying(100) DEFAULT 'nobody'::character varying
        user_email_check CHECK ((email ~~ '%@%'::text))
        user_email_key UNIQUE (email)
        user_pkey PRIMARY KEY (id)"
    `)
  })

  test('backfill for a new NOT NULL column', async () => {
    // m.add_column("auth.user", t => { t.string("role", 20).backfill("member") })
    const seen = await applyFeature(engines.all(), {
      before: async (m, { db }) => {
        users(m)
        await db.insert('auth.user', { email: 'ada@x', username: 'ada' })
      },
      up: (m) => m.addColumn('auth.user', (t) => t.string('role', 20).backfill('member')),
      look: async (database) => [
        (await database.query('SELECT username, role FROM auth.user')).rows,
        (await userShape(database)).match(/role .*/)?.[0],
      ],
    })
    expect(seen).toEqual([
      [{ username: 'ada', role: 'member' }],
      'role character varying(20) NOT NULL',
    ])
  })
})

describe('indexes, keys, constraints, types', () => {
  test('create index, index naming', async () => {
    // m.create_index("auth.post", ["title", "rank"], { unique: true, name: … })
    const seen = await applyFeature(engines.all(), {
      before: posts,
      up: (m) =>
        m
          .createIndex('auth.post', ['title', 'rank'])
          .createIndex('auth.post', 'title', { unique: true, name: 'idx_auth_post_title_unique' }),
      look: postShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "auth.post
        id uuid DEFAULT gen_random_uuid() NOT NULL
        title text NOT NULL
        rank integer NOT NULL
        post_pkey PRIMARY KEY (id)
        CREATE UNIQUE INDEX idx_auth_post_title_unique ON auth.post USING btree (title)
        CREATE INDEX idx_post_title_rank ON auth.post USING btree (title, rank)"
    `)
  })

  test('drop index', async () => {
    // m.drop_index("idx_auth_post_rank")
    const seen = await applyFeature(engines.all(), {
      before: (m) => [posts(m), m.createIndex('auth.post', 'rank')],
      up: (m) => m.dropIndex('auth.post', 'rank', { was: {} }),
      look: postShape,
    })
    expect(seen).not.toContain('INDEX')
  })

  test('add foreign key, of several columns', async () => {
    // m.add_foreign_key("line", ["order_no", "order_year"], "order", ["no", "year"], { name, on_delete, on_update })
    const seen = await applyFeature(engines.all(), {
      before: (m) =>
        m
          .createTable('order', (t) => {
            t.integer('no')
            t.integer('year')
            t.primary(['no', 'year'])
          })
          .createTable('line', (t) => {
            t.integer('order_no')
            t.integer('order_year')
          }),
      up: (m) =>
        m.addForeignKey(
          'line',
          ['order_no', 'order_year'],
          { table: 'order', columns: ['no', 'year'] },
          { name: 'line_order', onDelete: 'CASCADE', onUpdate: 'RESTRICT' },
        ),
      look: (database) => tableShape(database, 'line'),
    })
    expect(seen).toContain(
      'line_order FOREIGN KEY (order_no, order_year) REFERENCES "order"(no, year) ON UPDATE RESTRICT ON DELETE CASCADE',
    )
  })

  test('drop foreign key', async () => {
    // m.drop_foreign_key("auth.post", "post_author")
    const seen = await applyFeature(engines.all(), {
      before: (m) => [
        posts(m),
        m.addColumn('auth.post', (t) =>
          t.uuid('author').references('auth.user', 'id', { name: 'post_author' }),
        ),
      ],
      up: (m) =>
        m.dropForeignKey('auth.post', 'post_author', {
          was: (t) => t.foreign('author').references('auth.user', 'id'),
        }),
      look: postShape,
    })
    expect(seen).not.toContain('FOREIGN KEY')
  })

  test('check constraint', async () => {
    // m.add_check("auth.post", "ranked", "rank > 0"); m.drop_check("auth.post", "old")
    const seen = await applyFeature(engines.all(), {
      before: (m) => [posts(m), m.addCheck('auth.post', 'old', 'rank < 9')],
      up: (m) =>
        m
          .addCheck('auth.post', 'ranked', 'rank > 0')
          .dropCheck('auth.post', 'old', { was: (t) => t.check('old', 'rank < 9') }),
      look: postShape,
    })
    expect(seen).toContain('ranked CHECK ((rank > 0))')
    expect(seen).not.toContain('old CHECK')
  })

  test('enum type', async () => {
    // t.enum("status", ["draft", "published"]); the values change later
    const seen = await applyFeature(engines.all(), {
      before: async (m, { db }) => {
        m.createTable('post', (t) => t.enum('status', ['draft', 'done', 'gone']))
        await db.insert('post', { status: 'done' })
      },
      up: (m) =>
        m.replaceType('post_status', ['draft', 'published'], {
          map: { done: 'published', gone: 'draft' },
          was: ['draft', 'done', 'gone'],
        }),
      look: async (database) => [
        await enumValuesOf(database, 'post_status'),
        (await database.query('SELECT status FROM post')).rows,
      ],
    })
    expect(seen).toEqual([['draft', 'published'], [{ status: 'published' }]])
  })
})

describe('raw SQL', () => {
  test('raw statement', async () => {
    // m.sql("…")
    const seen = await applyFeature(engines.all(), {
      before: posts,
      up: (m) =>
        m.raw(
          sql`ALTER TABLE auth.post SET (fillfactor = ${70})`,
          'ALTER TABLE auth.post RESET (fillfactor)',
        ),
      look: async (database) => {
        const { rows } = await database.query(
          `SELECT reloptions FROM pg_class WHERE oid = 'auth.post'::regclass`,
        )
        return rows
      },
    })
    expect(seen).toEqual([{ reloptions: ['fillfactor=70'] }])
  })

  test('extensions', async () => {
    // m.sql("CREATE EXTENSION IF NOT EXISTS …")
    const extensions = async (database: Database): Promise<unknown> =>
      (await database.query('SELECT extname FROM pg_extension')).rows
    try {
      const seen = await applyFeature(engines.all(), {
        // The one that every engine has.
        before: (m) => m.dropExtension('plpgsql'),
        up: (m) => m.createExtension('plpgsql', { schema: 'pg_catalog' }),
        look: extensions,
      })
      expect(seen).toEqual([{ extname: 'plpgsql' }])
    } finally {
      for (const database of engines.all()) {
        await database.run(['CREATE EXTENSION IF NOT EXISTS plpgsql'])
      }
    }
  })
})
