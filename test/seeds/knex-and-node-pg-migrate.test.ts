// What users of Knex and of node-pg-migrate had and the five seed systems have not.
import { describe, expect, test } from 'vitest'

import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import type { Database } from '../../src/database/database.ts'
import { applyFeature } from '../helpers/apply-feature.ts'
import { useEngines } from '../helpers/check-sql.ts'
import { enumValuesOf, relations, tableShape } from '../helpers/table-shape.ts'
import { useRole } from '../helpers/use-role.ts'

const engines = useEngines()
const role = useRole(engines)

const users = (builder: SchemaBuilder): unknown =>
  builder.createTable('users', (table) => {
    table.serial('id').primary()
    table.string('email', 255).unique()
    table.integer('age').nullable()
    table.timestamps()
  })

const usersShape = (database: Database): Promise<string> => tableShape(database, 'users')

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

describe('node-pg-migrate', () => {
  test('createIndex: method, opclass, sort, nulls, include, where', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (pgm) =>
        pgm
          .createIndex(
            'users',
            { column: 'email', opclass: 'varchar_pattern_ops' },
            { include: 'age' },
          )
          .createIndex('users', [{ column: 'age', order: 'desc', nulls: 'last' }, 'email'], {
            name: 'by_age',
            where: 'age IS NOT NULL',
          }),
      look: usersShape,
    })
    expect(seen).toContain('(email varchar_pattern_ops) INCLUDE (age)')
    expect(seen).toContain('(age DESC NULLS LAST, email) WHERE (age IS NOT NULL)')
  })

  test('addConstraint: exclude; renameConstraint', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (pgm) =>
        pgm.createTable('stays', (table) => {
          table.specificType('period', 'daterange')
          table.check('named', 'period IS NOT NULL')
        }),
      up: (pgm) =>
        pgm
          .addExclude('stays', [{ column: 'period', with: '&&' }])
          .renameConstraint('stays', 'named', 'known'),
      look: (database) => tableShape(database, 'stays'),
    })
    expect(seen).toContain('stays_period_excl EXCLUDE USING gist (period WITH &&)')
    expect(seen).toContain('known CHECK')
  })

  test('generated columns, identities, alterColumn with using and collation', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (pgm) =>
        pgm.createTable('lines', (table) => {
          table.bigint('id')
          table.text('price')
          table.integer('quantity')
        }),
      up: (pgm) => {
        pgm.alterColumn('lines', 'price', {
          type: 'integer',
          using: 'price::integer',
          was: { type: 'text' },
        })
        pgm.alterTable('lines', (table) => {
          table.integer('total').generatedAs('price * quantity')
          table.text('note').nullable().collate('C')
        })
        pgm.addIdentity('lines', 'id', { always: true, start: 100 })
      },
      look: (database) => tableShape(database, 'lines'),
    })
    expect(seen).toMatchInlineSnapshot(`
      "lines
        id bigint IDENTITY NOT NULL
        price integer NOT NULL
        quantity integer NOT NULL
        total integer AS ((price * quantity)) NOT NULL
        note text COLLATE "C""
    `)
  })

  test('partitions, storage parameters, unlogged', async () => {
    const seen = await applyFeature(engines.all(), {
      up: (pgm) =>
        pgm
          .createTable('events', (table) => {
            table.timestamptz('at')
            table.partitionBy('range', 'at')
          })
          .createPartition('events_2026', 'events', { from: '2026-01-01', to: '2027-01-01' })
          .createTable('cache', (table) => {
            table.text('key').primary()
            table.unlogged().with({ fillfactor: 70 })
          }),
      look: async (database) => {
        const { rows } = await database.query(
          `SELECT relname AS name, relkind AS kind, relpersistence AS how, reloptions AS options,
             pg_get_expr(relpartbound, oid) AS bound
           FROM pg_class WHERE relname IN ('events', 'events_2026', 'cache') ORDER BY 1`,
        )
        return JSON.stringify(rows)
      },
    })
    expect(seen).toContain('"name":"events","kind":"p"')
    expect(seen).toContain(`FOR VALUES FROM ('2026-01-01`)
    expect(seen).toContain('"how":"u","options":["fillfactor=70"]')
  })

  test('types: enum and composite, values and attributes, rename, drop', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (pgm) =>
        pgm
          .createType('level', ['low', 'high'])
          .createCompositeType('spot', { x: 'integer', y: 'integer' })
          .createType('gone', ['a']),
      up: (pgm) =>
        pgm
          .renameTypeValue('level', 'high', 'top')
          .renameType('level', 'rank')
          .addTypeAttribute('spot', 'z', 'integer')
          .renameTypeAttribute('spot', 'x', 'left')
          .alterTypeAttribute('spot', 'y', 'bigint', { was: 'integer' })
          .dropType('gone', { was: { values: ['a'] } }),
      look: async (database) => [
        await enumValuesOf(database, 'rank'),
        (
          await database.query(
            `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
             WHERE attrelid = 'spot'::regclass AND attnum > 0 ORDER BY attnum`,
          )
        ).rows,
      ],
    })
    expect(seen).toEqual([
      ['low', 'top'],
      [
        { name: 'left', type: 'integer' },
        { name: 'y', type: 'bigint' },
        { name: 'z', type: 'integer' },
      ],
    ])
  })

  test('domains and sequences: create, alter, rename', async () => {
    const seen = await applyFeature(engines.all(), {
      before: (pgm) => pgm.createDomain('email', 'text').createSequence('numbers', { start: 5 }),
      up: (pgm) =>
        pgm
          .addDomainCheck('email', 'has_at', `VALUE LIKE '%@%'`)
          .setDomainDefault('email', '@', { was: { noDefault: true } })
          .renameDomain('email', 'mail')
          .alterSequence('numbers', { increment: 10, was: { increment: 1 } })
          .renameSequence('numbers', 'tens'),
      look: async (database) => {
        const { rows } = await database.query(
          `SELECT (nextval('tens') + 0)::int AS first, nextval('tens')::int AS second,
             pg_input_is_valid('x', 'mail') AS bad, pg_input_is_valid('a@b', 'mail') AS good`,
        )
        return rows
      },
    })
    expect(seen).toEqual([{ first: 5, second: 15, bad: false, good: true }])
  })

  test('functions, procedures, triggers: replace, rename, drop', async () => {
    const before = { returns: 'integer', language: 'sql', body: 'SELECT 1' } as const
    const seen = await applyFeature(engines.all(), {
      before: (pgm) =>
        pgm
          .createFunction('one', before)
          .createProcedure('work', { language: 'sql', body: 'SELECT 1' }),
      up: (pgm) =>
        pgm
          .createFunction('one', { ...before, body: 'SELECT 2', replace: true, was: before })
          .renameFunction('one', [], 'two')
          .dropProcedure('work', [], { was: { language: 'sql', body: 'SELECT 1' } }),
      look: async (database) => (await database.query('SELECT two() AS two')).rows,
    })
    expect(seen).toEqual([{ two: 2 }])
  })

  test('policies, grants, schemas, comments', async () => {
    const seen = await applyFeature(engines.all(), {
      before: users,
      up: (pgm) =>
        pgm
          .createSchema('app')
          .comment({ schema: 'app' }, 'what the application has')
          .setSchema('public.users', 'app')
          .enableRls('app.users', { force: true })
          .policy('adults', 'app.users', { for: 'select', to: role.name, using: 'age > 17' })
          .renamePolicy('adults', 'app.users', 'grown_ups')
          .grant('usage', { on: { schema: 'app' }, to: role.name })
          .grant(['select', 'update'], { on: { table: 'app.users' }, to: role.name })
          .revoke('update', { on: { table: 'app.users' }, from: role.name })
          .grantDefault('select', { on: 'tables', inSchema: 'app', to: role.name }),
      look: async (database) => {
        const { rows } = await database.query(
          `SELECT has_table_privilege($1, 'app.users', 'SELECT') AS reads,
             has_table_privilege($1, 'app.users', 'UPDATE') AS writes,
             obj_description('app'::regnamespace) AS said`,
          [role.name],
        )
        return [rows, (await tableShape(database, 'app.users')).match(/POLICY.*/)?.[0]]
      },
    })
    expect(seen).toEqual([
      [{ reads: true, writes: false, said: 'what the application has' }],
      'POLICY grown_ups FOR SELECT USING (age > 17)',
    ])
  })

  test('casts, collations and the like: raw, with its undo', async () => {
    // pgm.createCast, createCollation, createOperator: no calls of their own here
    const seen = await applyFeature(engines.all(), {
      up: (pgm) =>
        pgm
          .createType('color', ['red'])
          .raw('CREATE CAST (color AS integer) WITH INOUT', 'DROP CAST (color AS integer)')
          .raw(`CREATE COLLATION plain FROM "C"`, 'DROP COLLATION plain'),
      look: async (database) =>
        (
          await database.query(
            `SELECT count(*)::int AS n FROM pg_collation WHERE collname = 'plain'`,
          )
        ).rows,
    })
    expect(seen).toEqual([{ n: 1 }])
  })
})
