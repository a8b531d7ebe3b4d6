// AstrolaDB: `export default migration({ up(m) {…}, down(m) {…} })` in plain JavaScript, flat calls on
// namespaced tables ("auth.user"), associations that make their columns, and a derived way back.
import { describe, expect, test } from 'vitest'

import { applyFeature } from '../helpers/apply-feature.ts'
import { useEngines } from '../helpers/check-sql.ts'
import { enumValuesOf, tableShape } from '../helpers/table-shape.ts'
import { postShape, users } from './astroladb-tables.ts'

const engines = useEngines()

describe('column types and modifiers', () => {
  test('id string text integer float decimal boolean date time datetime uuid json base64 enum', async () => {
    // t.float("f"), t.datetime("at"), t.base64("data") are double, timestamptz and bytea here
    const seen = await applyFeature(engines.all(), {
      up: (m) =>
        m.createTable('everything', (t) => {
          t.id()
          t.string('s', 100)
          t.text('t').nullable()
          t.integer('i').defaultTo(1)
          t.double('f')
          t.decimal('d', 10, 2)
          t.boolean('b').defaultTo(false)
          t.date('day')
          t.time('clock')
          t.timestamptz('at')
          t.uuid('token').unique()
          t.jsonb('meta').defaultTo({})
          t.bytea('data')
          t.enum('status', ['draft', 'published']).defaultTo('draft')
        }),
      look: async (database) => [
        await tableShape(database, 'everything'),
        await enumValuesOf(database, 'everything_status'),
      ],
    })
    expect(seen).toMatchInlineSnapshot(`
      [
        "everything
        id uuid DEFAULT gen_random_uuid() NOT NULL
        s character varying(100) NOT NULL
        t text
        i integer DEFAULT 1 NOT NULL
        f double precision NOT NULL
        d numeric(10,2) NOT NULL
        b boolean DEFAULT false NOT NULL
        day date NOT NULL
        clock time without time zone NOT NULL
        at timestamp with time zone NOT NULL
        token uuid NOT NULL
        meta jsonb DEFAULT '{}'::jsonb NOT NULL
        data bytea NOT NULL
        status everything_status DEFAULT 'draft'::everything_status NOT NULL
        everything_pkey PRIMARY KEY (id)
        everything_token_key UNIQUE (token)",
        [
          "draft",
          "published",
        ],
      ]
    `)
  })

  test('semantic columns', async () => {
    // t.timestamps(), t.soft_delete(), t.sortable()
    const seen = await applyFeature(engines.all(), {
      up: (m) =>
        m.createTable('item', (t) => {
          t.id()
          t.sortable()
          t.timestamps()
          t.softDelete()
        }),
      look: (database) => tableShape(database, 'item'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "item
        id uuid DEFAULT gen_random_uuid() NOT NULL
        position integer DEFAULT 0 NOT NULL
        created_at timestamp with time zone DEFAULT now() NOT NULL
        updated_at timestamp with time zone DEFAULT now() NOT NULL
        deleted_at timestamp with time zone
        item_pkey PRIMARY KEY (id)"
    `)
  })

  test('belongs_to', async () => {
    // t.belongs_to("auth.user").as("author").optional().on_delete("set null").on_update("cascade")
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (m) =>
        m.createTable('auth.post', (t) => {
          t.id()
          t.belongsTo('auth.user')
          t.belongsTo('auth.user', {
            as: 'author',
            nullable: true,
            onDelete: 'SET NULL',
            onUpdate: 'CASCADE',
          })
          // Or as a chain, which goes on from the options.
          t.belongsTo('auth.user', { as: 'editor' }).nullable().onDelete('CASCADE')
        }),
      look: postShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "auth.post
        id uuid DEFAULT gen_random_uuid() NOT NULL
        user_id uuid NOT NULL
        author_id uuid
        editor_id uuid
        post_author_id_fkey FOREIGN KEY (author_id) REFERENCES auth."user"(id) ON UPDATE CASCADE ON DELETE SET NULL
        post_editor_id_fkey FOREIGN KEY (editor_id) REFERENCES auth."user"(id) ON DELETE CASCADE
        post_pkey PRIMARY KEY (id)
        post_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user"(id)
        CREATE INDEX idx_post_author_id ON auth.post USING btree (author_id)
        CREATE INDEX idx_post_editor_id ON auth.post USING btree (editor_id)
        CREATE INDEX idx_post_user_id ON auth.post USING btree (user_id)"
    `)
  })

  test('one_to_one', async () => {
    // t.one_to_one("auth.user").on_delete("cascade")
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (m) =>
        m.createTable('auth.profile', (t) => {
          t.id()
          t.oneToOne('auth.user', { onDelete: 'CASCADE' })
        }),
      look: (database) => tableShape(database, 'auth.profile'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "auth.profile
        id uuid DEFAULT gen_random_uuid() NOT NULL
        user_id uuid NOT NULL
        profile_pkey PRIMARY KEY (id)
        profile_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user"(id) ON DELETE CASCADE
        profile_user_id_key UNIQUE (user_id)"
    `)
  })

  test('many_to_many', async () => {
    // t.many_to_many("auth.role"): auth_role_auth_user there, <a>_<b> in the same schema here
    const seen = await applyFeature(engines.all(), {
      before: (m) => [users(m), m.createTable('auth.role', (t) => t.id())],
      up: (m) =>
        m
          .manyToMany('auth.user', 'auth.role')
          .manyToMany('auth.user', 'auth.role', { name: 'auth_role_auth_user' }),
      look: (database) => tableShape(database, 'auth.role_user', 'auth_role_auth_user'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "auth.role_user
        role_id uuid NOT NULL
        user_id uuid NOT NULL
        role_user_pkey PRIMARY KEY (role_id, user_id)
        role_user_role_id_fkey FOREIGN KEY (role_id) REFERENCES auth.role(id) ON DELETE CASCADE
        role_user_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user"(id) ON DELETE CASCADE
        CREATE INDEX idx_role_user_role_id ON auth.role_user USING btree (role_id)
        CREATE INDEX idx_role_user_user_id ON auth.role_user USING btree (user_id)
      auth_role_auth_user
        role_id uuid NOT NULL
        user_id uuid NOT NULL
        auth_role_auth_user_pkey PRIMARY KEY (role_id, user_id)
        auth_role_auth_user_role_id_fkey FOREIGN KEY (role_id) REFERENCES auth.role(id) ON DELETE CASCADE
        auth_role_auth_user_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user"(id) ON DELETE CASCADE
        CREATE INDEX idx_auth_role_auth_user_role_id ON public.auth_role_auth_user USING btree (role_id)
        CREATE INDEX idx_auth_role_auth_user_user_id ON public.auth_role_auth_user USING btree (user_id)"
    `)
  })

  test('polymorphic reference', async () => {
    // t.belongs_to_any(["post", "photo"], { as: "subject" })
    const seen = await applyFeature(engines.all(), {
      before: (m) => m.createTable('post', (t) => t.id()).createTable('photo', (t) => t.id()),
      up: (m) =>
        m.createTable('comment', (t) => {
          t.text('body')
          t.belongsToAny(['post', 'photo'], { as: 'subject' })
        }),
      look: (database) => tableShape(database, 'comment'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "comment
        body text NOT NULL
        subject_type text NOT NULL
        subject_id uuid NOT NULL
        comment_subject_type_check CHECK ((subject_type = ANY (ARRAY['post'::text, 'photo'::text])))
        CREATE INDEX idx_comment_subject_type_subject_id ON public.comment USING btree (subject_type, subject_id)"
    `)
  })
})
