// What users of Knex and of node-pg-migrate had and the five seed systems have not.
import { describe, expect, test } from 'vitest'

import { sql } from '../../src/builder/sql-fragment.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { useEngines } from '../helpers/check-sql.ts'
import { relations, tableShape } from '../helpers/table-shape.ts'
import { users, usersShape } from './knex-tables.ts'

const engines = useEngines()

describe('Knex', () => {
  test('column types', async () => {
    // increments, bigIncrements, tinyint, float, double, binary, datetime, enu(…, { useNative, enumName })
    const seen = await applyFeature(engines.all(), {
      before: (builder) => builder.createType('mood', ['sad', 'happy']),
      up: (builder) =>
        builder.createTable('things', (table) => {
          table.serial('id').primary()
          table.bigserial('big')
          table.smallint('tiny')
          table.real('single')
          table.double('twice')
          table.bytea('data')
          table.timestamptz('at')
          table.enum('status', ['a', 'b'], { type: 'thing_status' })
          table.specificType('mood', 'mood').defaultTo('happy')
        }),
      look: (database) => tableShape(database, 'things'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "things
        id integer DEFAULT nextval('things_id_seq'::regclass) NOT NULL
        big bigint DEFAULT nextval('things_big_seq'::regclass) NOT NULL
        tiny smallint NOT NULL
        single real NOT NULL
        twice double precision NOT NULL
        data bytea NOT NULL
        at timestamp with time zone NOT NULL
        status thing_status NOT NULL
        mood mood DEFAULT 'happy'::mood NOT NULL
        things_pkey PRIMARY KEY (id)"
    `)
  })

  test('hasColumn', async () => {
    // knex.schema.hasColumn('users', 'nickname')
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: async (builder) => {
        for (const column of ['age', 'nickname']) {
          if (await builder.hasColumn('users', column)) continue
          builder.addColumn('users', (table) => table.text(column).nullable())
        }
      },
      down: (builder) => builder.dropColumn('users', 'nickname'),
      look: usersShape,
    })
    expect(seen).toContain('  nickname text\n')
  })

  test('dropColumns, dropTimestamps', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.alterTable('users', (table) => {
          for (const name of ['created_at', 'updated_at']) {
            table.dropColumn(name, { was: (old) => old.timestamptz(name).defaultTo('now()') })
          }
        }),
      look: usersShape,
    })
    expect(seen).not.toContain('timestamp')
  })

  test('setNullable, dropNullable, alter', async () => {
    // table.setNullable('email'); table.dropNullable('age'); table.bigint('age').alter()
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.alterTable('users', (table) => {
          table.setNullable('email').setNotNull('age')
          table.alterColumn('age', { type: 'bigint', was: { type: 'integer' } })
        }),
      look: usersShape,
    })
    expect(seen).toContain('email character varying(255)\n')
    expect(seen).toContain('age bigint NOT NULL\n')
  })

  test('dropPrimary, dropUnique, dropForeign, dropChecks', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (builder) => [
        users(builder),
        builder.addCheck('users', 'adult', 'age > 17'),
        builder.addForeignKey('users', 'age', { table: 'users', column: 'id' }),
      ],
      up: (builder) =>
        builder.alterTable('users', (table) => {
          table.dropForeignKey('users_age_fkey', {
            was: (old) => old.foreign('age').references('users', 'id'),
          })
          table.dropPrimaryKey({ was: (old) => old.primary('id') })
          table.dropUnique('users_email_key', { was: (old) => old.unique('email') })
          table.dropCheck('adult', { was: (old) => old.check('adult', 'age > 17') })
        }),
      look: usersShape,
    })
    expect(seen).not.toMatch(/PRIMARY KEY|UNIQUE|CHECK|FOREIGN/)
  })

  test('checkPositive, checkIn, checkBetween, checkLength, checkRegex', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.alterTable('users', (table) => {
          table.integer('points').defaultTo(1).check('points > 0')
          table.text('role').defaultTo('a').check(`role IN ('a', 'b')`, { name: 'known_role' })
          table.check('between', 'age BETWEEN 1 AND 150')
          table.check('length', 'length(email) >= 3')
          table.check('pattern', sql`email ~ ${'^[^@]+@'}`)
        }),
      look: usersShape,
    })
    expect(seen).toMatchInlineSnapshot(`
      "users
        id integer DEFAULT nextval('users_id_seq'::regclass) NOT NULL
        email character varying(255) NOT NULL
        age integer
        created_at timestamp with time zone DEFAULT now() NOT NULL
        updated_at timestamp with time zone DEFAULT now() NOT NULL
        points integer DEFAULT 1 NOT NULL
        role text DEFAULT 'a'::text NOT NULL
        between CHECK (((age >= 1) AND (age <= 150)))
        known_role CHECK ((role = ANY (ARRAY['a'::text, 'b'::text])))
        length CHECK ((length((email)::text) >= 3))
        pattern CHECK (((email)::text ~ '^[^@]+@'::text))
        users_email_key UNIQUE (email)
        users_pkey PRIMARY KEY (id)
        users_points_check CHECK ((points > 0))"
    `)
  })

  test('unique with predicate, deferrable, nulls', async () => {
    // table.unique(['email'], { predicate, deferrable, useConstraint: false })
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder.alterTable('users', (table) => {
          table.index('email', { unique: true, where: 'age > 17' })
          table.unique(['age', 'email'], { deferrable: 'deferred', nullsNotDistinct: true })
        }),
      look: usersShape,
    })
    expect(seen).toContain('UNIQUE NULLS NOT DISTINCT (age, email) DEFERRABLE INITIALLY DEFERRED')
    expect(seen).toContain('UNIQUE INDEX idx_users_email ON public.users USING btree (email) WHERE')
  })

  test('createTableLike, inherits, comment', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (builder) =>
        builder
          .createTable('old_users', (table) => table.like('users', { including: ['all'] }))
          .createTable('admins', (table) => {
            table.inherits('users')
            table.integer('level').comment('1 is the highest')
            table.comment('Who may')
          }),
      look: async (database) => [
        await tableShape(database, 'old_users', 'admins'),
        (await database.query(`SELECT obj_description('admins'::regclass) AS said`)).rows,
      ],
    })
    expect(seen).toMatchInlineSnapshot(`
      [
        "old_users
        id integer DEFAULT nextval('users_id_seq'::regclass) NOT NULL
        email character varying(255) NOT NULL
        age integer
        created_at timestamp with time zone DEFAULT now() NOT NULL
        updated_at timestamp with time zone DEFAULT now() NOT NULL
        old_users_email_key UNIQUE (email)
        old_users_pkey PRIMARY KEY (id)
      admins
        id integer DEFAULT nextval('users_id_seq'::regclass) NOT NULL
        email character varying(255) NOT NULL
        age integer
        created_at timestamp with time zone DEFAULT now() NOT NULL
        updated_at timestamp with time zone DEFAULT now() NOT NULL
        level integer NOT NULL -- 1 is the highest",
        [
          {
            "said": "Who may",
          },
        ],
      ]
    `)
  })

  test('createView, createViewOrReplace, renameView, dropView, materialized views', async () => {
    const one = { query: 'SELECT 1 AS n' }
    const seen = await applyFeature(engines.all(), {
      before: (builder) => builder.createView('v', one.query).createView('w', one.query),
      up: (builder) =>
        builder
          .createView('v', 'SELECT 2 AS n', { replace: true, was: one })
          .renameView('v', 'x')
          .dropView('w', { was: one })
          .createMaterializedView('m', 'SELECT 1 AS n')
          .createIndex('m', 'n', { unique: true })
          .refreshMaterializedView('m', { concurrently: true }),
      look: async (database) => [
        await relations(database),
        (await database.query('SELECT n FROM x')).rows,
      ],
    })
    expect(seen).toEqual([['m', 'x'], [{ n: 2 }]])
  })
})
