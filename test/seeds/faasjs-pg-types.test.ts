// The original faasjs/pg: `export function up(builder)` and `export function down(builder)` in
// src/db/migrations/<timestamp>-<name>.ts; `createTable` and `alterTable` with a callback.
import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { rawSql } from '../../src/builder/sql-fragment.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'
import { tableShape } from '../helpers/table-shape.ts'
import { users, usersShape } from './faasjs-pg-tables.ts'

const engines = useEngines()

describe('column types and modifiers', () => {
  test('string number boolean date json jsonb timestamp timestamptz specificType timestamps', async () => {
    const seen = await applyFeature(engines.all(), {
      up: (builder) =>
        builder.createTable('everything', (table) => {
          table.string('any')
          table.string('short', 20)
          table.number('n')
          table.number('price', 10, 2)
          table.number('whole', 8)
          table.boolean('b')
          table.date('d')
          table.json('j')
          table.jsonb('k')
          table.timestamp('t')
          table.timestamptz('u')
          table.specificType('period', 'daterange')
          table.timestamps()
        }),
      look: (database) => tableShape(database, 'everything'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "everything
        any character varying NOT NULL
        short character varying(20) NOT NULL
        n integer NOT NULL
        price numeric(10,2) NOT NULL
        whole numeric(8,0) NOT NULL
        b boolean NOT NULL
        d date NOT NULL
        j json NOT NULL
        k jsonb NOT NULL
        t timestamp without time zone NOT NULL
        u timestamp with time zone NOT NULL
        period daterange NOT NULL
        created_at timestamp with time zone DEFAULT now() NOT NULL
        updated_at timestamp with time zone DEFAULT now() NOT NULL"
    `)
  })

  test('nullable, primary key, unique, references', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.createTable('posts', (table) => {
          table.number('id').primary()
          table.string('slug').unique()
          table.string('title').nullable()
          table.string('body').nullable().nullable(false)
          table.number('user_id').references('users', 'id')
        }),
      look: (database) => tableShape(database, 'posts'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "posts
        id integer NOT NULL
        slug character varying NOT NULL
        title character varying
        body character varying NOT NULL
        user_id integer NOT NULL
        posts_pkey PRIMARY KEY (id)
        posts_slug_key UNIQUE (slug)
        posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)"
    `)
  })

  test('default: null, booleans, numbers, strings, now(), arrays, dates, objects, rawSql', async () => {
    const seen = await applyFeature(engines.all(), {
      up: (builder) =>
        builder.createTable('defaults', (table) => {
          table.string('a').nullable().defaultTo(null)
          table.boolean('b').defaultTo(true)
          table.number('c', 10, 2).defaultTo(1.5)
          table.string('d').defaultTo(`it's ?`)
          table.timestamptz('e').defaultTo('now()')
          table.specificType('f', 'integer[]').defaultTo([1, 2])
          table.timestamptz('g').defaultTo(new Date('2026-01-02T03:04:05Z'))
          table.jsonb('h').defaultTo({ theme: 'dark' })
          table.specificType('i', 'uuid').defaultTo(rawSql('gen_random_uuid()'))
        }),
      look: async (database) => {
        const { rows } = await database.query(
          `INSERT INTO defaults DEFAULT VALUES
           RETURNING a, b, c, d, e IS NOT NULL AS e, f, to_char(g AT TIME ZONE 'UTC', 'HH24:MI') AS g, h, i IS NOT NULL AS i`,
        )
        return rows
      },
    })
    expect(seen).toEqual([
      {
        a: null,
        b: true,
        c: '1.50',
        d: `it's ?`,
        e: true,
        f: [1, 2],
        g: '03:04',
        h: { theme: 'dark' },
        i: true,
      },
    ])
  })

  test('alterColumn: type, nullable, defaultValue, unique, check, collate, references, primary', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.alterTable('users', (table) => {
          table.alterColumn('age', {
            type: 'integer',
            using: 'age::integer',
            nullable: false,
            defaultValue: 1,
            check: 'age > 0',
            references: { table: 'users', column: 'id', onDelete: 'SET DEFAULT' },
            was: { type: 'varchar', noDefault: true },
          })
          table.alterColumn('name', {
            type: 'text',
            collate: 'C',
            unique: true,
            was: { type: 'varchar', collate: 'default' },
          })
          table.alterColumn('created_at', {
            dropDefault: true,
            was: { defaultValue: 'now()', type: 'timestamptz' },
          })
        }),
      look: usersShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id integer NOT NULL
        name text COLLATE "C" NOT NULL
        age integer DEFAULT 1 NOT NULL
        created_at timestamp with time zone NOT NULL
        updated_at timestamp with time zone DEFAULT now() NOT NULL
        users_age_check CHECK ((age > 0))
        users_age_fkey FOREIGN KEY (age) REFERENCES users(id) ON DELETE SET DEFAULT
        users_name_key UNIQUE (name)
        users_pkey PRIMARY KEY (id)"
    `)
  })

  test('alterColumn: what it drops', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (builder) =>
        builder.createTable('users', (table) => {
          table.number('id').primary()
          table.string('email').unique()
        }),
      up: (builder) =>
        builder.alterTable('users', (table) => {
          table.alterColumn('id', { primary: false })
          table.alterColumn('email', { unique: false, nullable: true })
        }),
      down: (builder) =>
        builder.alterTable('users', (table) => {
          table.alterColumn('email', { unique: true, nullable: false })
          table.alterColumn('id', { primary: true })
        }),
      look: usersShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id integer NOT NULL
        email character varying"
    `)
  })

  test('calls in createTable that complete what it describes', async () => {
    const seen = await applyFeature(engines.all(), {
      up: (builder) =>
        builder.createTable('users', (table) => {
          table.string('name')
          table.string('mail')
          table.string('gone')
          table.renameColumn('mail', 'email')
          table.alterColumn('email', { unique: true, check: `email <> ''`, defaultValue: '?' })
          table.index('name')
          table.dropIndex('name')
        }),
      look: usersShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        name character varying NOT NULL
        email character varying DEFAULT '?'::character varying NOT NULL
        gone character varying NOT NULL
        users_email_check CHECK (((email)::text <> ''::text))
        users_email_key UNIQUE (email)"
    `)
    const inCreate = (change: Parameters<SchemaBuilder['createTable']>[1]): string =>
      failure(() => new SchemaBuilder().createTable('users', change))
    expect(inCreate((table) => table.renameColumn('x', 'y'))).toContain(
      'renameColumn failed: Column "x" does not exist',
    )
    expect(inCreate((table) => table.alterColumn('x', { nullable: true }))).toContain(
      'alterColumn failed: Column "x" does not exist',
    )
    expect(inCreate((table) => table.dropIndex('x'))).toContain(
      'dropIndex failed: Index "idx_users_x" does not exist',
    )
  })
})
