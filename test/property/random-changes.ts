import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { TableBuilder } from '../../src/builder/table-builder.ts'
import { rememberedChanges } from './remembered-changes.ts'
import { at } from './world.ts'
import type { Change, Choice, Table, Thing, World } from './world.ts'

/** A change of a table that is there; does nothing where there is none. */
function onTable(
  change: (builder: SchemaBuilder, table: Table, choice: Choice, world: World) => void,
): Change {
  return (builder, world, choice) => {
    const table = at(world.tables, choice.pick)
    if (table) change(builder, table, choice, world)
  }
}

function onColumn(
  change: (builder: SchemaBuilder, table: Table, column: string, choice: Choice) => void,
): Change {
  return onTable((builder, table, choice) => {
    const column = at(table.columns, choice.other)
    if (column !== undefined) change(builder, table, column, choice)
  })
}

function onThing(
  sort: Thing['sort'],
  change: (builder: SchemaBuilder, thing: Thing, choice: Choice, world: World) => void,
): Change {
  return (builder, world, choice) => {
    const thing = at(
      world.objects.filter((one) => one.sort === sort),
      choice.pick,
    )
    if (thing) change(builder, thing, choice, world)
  }
}

function making(
  sort: Thing['sort'],
  make: (builder: SchemaBuilder, choice: Choice) => void,
): Change {
  return (builder, world, choice) => {
    make(builder, choice)
    world.objects.push({ sort, name: choice.name })
  }
}

const TYPES = [
  'integer',
  'text',
  'uuid',
  'boolean',
  'jsonb',
  'timestamptz',
  'bytea',
  'inet',
] as const

function typed(
  columns: TableBuilder,
  name: string,
  { pick, other }: Choice,
): ReturnType<TableBuilder['text']> {
  return columns.specificType(name, TYPES[pick % TYPES.length] ?? 'text').nullable(other % 2 === 0)
}

const tableChanges: Change[] = [
  (builder, world, { name, other }) => {
    const hasKey = other % 2 === 0
    builder.createTable(name, (table) => {
      const first = table.integer('a').defaultTo(other)
      if (hasKey) first.primary()
      table.enum('b', ['x', 'y']).nullable().defaultTo('y')
      table.index('b')
      if (other % 3 === 0) table.comment("it's a table")
    })
    world.tables.push({
      name,
      columns: ['a', 'b'],
      indexes: [`idx_${name}_b`],
      checks: [],
      uniques: [],
      hasKey,
      isBound: false,
    })
  },
  onTable((builder, table, choice) => {
    table.columns.push(choice.name)
    builder.addColumn(table.name, (columns) => typed(columns, choice.name, choice))
  }),
  onTable((builder, table, choice) => {
    table.columns.push(choice.name)
    builder.addColumn(table.name, (columns) =>
      typed(columns, choice.name, choice)
        .unique()
        .check(`${choice.name} IS NULL OR true`)
        .comment('new'),
    )
    table.isBound = true
  }),
  onTable((builder, table, { name }) => {
    table.columns.push(name)
    builder.addColumn(table.name, (columns) => columns.text(name).backfill('x'))
  }),
  onColumn((builder, table, column, { name }) => {
    builder.renameColumn(table.name, column, name)
    table.columns = table.columns.map((one) => (one === column ? name : one))
  }),
  onColumn((builder, table, column, { name, other }) => {
    builder.createIndex(table.name, column, { name, unique: other % 2 === 0 })
    table.indexes.push(name)
  }),
  onTable((builder, table, { name, other }) => {
    const index = at(table.indexes, other)
    if (index === undefined) return
    builder.renameIndex(table.name, index, name)
    table.indexes = table.indexes.map((one) => (one === index ? name : one))
  }),
  onTable((builder, table, { other }) => {
    const index = at(table.indexes, other)
    if (index === undefined || table.isBound) return
    builder.dropIndex(table.name, 'a', { name: index })
    table.indexes = table.indexes.filter((one) => one !== index)
  }),
  onTable((builder, table, { name }) => {
    builder.addCheck(table.name, name, 'true')
    table.checks.push(name)
  }),
  onTable((builder, table, { other }) => {
    const check = at(table.checks, other)
    if (check === undefined || table.isBound) return
    builder.dropCheck(table.name, check)
    table.checks = table.checks.filter((one) => one !== check)
  }),
  onColumn((builder, table, column, { name }) => {
    builder.addUnique(table.name, column, { name })
    table.uniques.push(name)
  }),
  onTable((builder, table, { name, other }) => {
    const unique = at(table.uniques, other)
    if (unique === undefined) return
    builder.renameConstraint(table.name, unique, name)
    table.uniques = table.uniques.map((one) => (one === unique ? name : one))
  }),
  onTable((builder, table, { other }) => {
    const unique = at(table.uniques, other)
    if (unique === undefined || table.isBound) return
    builder.dropUnique(table.name, unique)
    table.uniques = table.uniques.filter((one) => one !== unique)
  }),
  onTable((builder, table, { name }) => {
    if (!table.hasKey || !table.columns.includes('a')) return
    table.columns.push(name)
    table.isBound = true
    builder.addColumn(table.name, (columns) =>
      columns.integer(name).nullable().references(table.name, 'a'),
    )
  }),
  onTable((builder, table, { name }) => {
    if (table.isBound) return
    builder.renameTable(table.name, name)
    table.name = name
  }),
  onTable((builder, table, _choice, world) => {
    if (table.isBound) return
    builder.dropTable(table.name)
    world.tables = world.tables.filter((one) => one !== table)
  }),
  onColumn((builder, table, column) => {
    const isPlain = column.startsWith('n')
    if (table.isBound || !isPlain) return
    builder.dropColumn(table.name, column)
    table.columns = table.columns.filter((one) => one !== column)
    // With the column went what only it held.
    table.isBound = true
  }),
  onTable((builder, table, { other }) => {
    if (!table.columns.includes('a') || table.isBound) return
    builder.setDefault(table.name, 'a', other).dropDefault(table.name, 'a')
  }),
]

const attachedChanges: Change[] = [
  onTable((builder, table, { other }) => {
    builder.setOwner({ table: table.name }, other % 2 === 0 ? 'pg_monitor' : 'CURRENT_ROLE')
  }),
  onTable((builder, table, { name }) => void builder.comment({ table: table.name }, name)),
  onTable((builder, table, { name }) => {
    builder.policy(name, table.name, { for: 'select', using: 'true' })
    builder.renamePolicy(name, table.name, `${name}_b`)
    table.isBound = true
  }),
  onTable((builder, table, { name }) => {
    table.columns.push(name)
    table.isBound = true
    builder.addColumn(table.name, (columns) => columns.timestamptz(name).nullable())
    builder.touchOnUpdate(table.name, { column: name })
  }),
]

/** Tables of their own kind, each change made and where needed taken back within one step. */
const specialChanges: Change[] = [
  (builder, _world, { name, other }) => {
    builder.createTable(name, (table) => {
      table.identity('id', { start: other + 1 }).primary()
      table.integer('n').defaultTo(0)
      table.integer('double').generatedAs('n * 2')
      table.specificType('period', 'int4range').nullable()
      table.text('long').nullable()
      table.with({ fillfactor: 50 + (other % 50) })
      if (other % 2 === 0) table.unlogged()
    })
    builder
      .dropIdentity(name, 'id')
      .addIdentity(name, 'id', { always: true })
      .addExclude(name, [{ column: 'period', with: '&&' }], { deferrable: 'deferred' })
      .addCheck(name, `${name}_c`, 'n >= 0', { notValid: true })
      .validateConstraint(name, `${name}_c`)
      .alterColumn(name, 'long', { type: 'varchar(20)' })
      .setStorage(name, 'long', 'external', { was: 'extended' })
    if (other % 2 === 0) builder.setLogged(name)
    else builder.setUnlogged(name)
  },
  (builder, _world, { name, other }) => {
    builder.createTable(name, (table) => {
      table.integer('n')
      table.partitionBy('range', 'n')
    })
    builder
      .createPartition(`${name}_1`, name, { from: 0, to: 10 })
      .createPartition(`${name}_2`, name, 'default')
      .detachPartition(name, `${name}_1`, { was: { from: 0, to: 10 } })
      .attachPartition(name, `${name}_1`, { from: other, to: other + 5 })
  },
  (builder, _world, { name }) => {
    builder
      .createTable(name, (table) => table.integer('n').nullable())
      .createTable(`${name}_child`, (table) => {
        table.inherits(name)
        table.integer('m')
      })
      .noInherit(`${name}_child`, name)
      .addPrimaryKey(`${name}_child`, 'm')
      .dropPrimaryKey(`${name}_child`, { was: (table) => table.primary('m') })
      .createSchema(`${name}_schema`)
      .setSchema(`public.${name}`, `${name}_schema`)
  },
  (builder, _world, { name, pick }) => {
    builder
      .createType(name, ['a', 'b', 'c'])
      .createTable(`${name}_t`, (table) => table.specificType('e', name).defaultTo('a'))
      .renameTypeValue(name, 'c', 'd')
      .addTypeValue(name, 'e', pick % 2 === 0 ? { before: 'a' } : { after: 'b' })
      .replaceType(name, ['a', 'b', 'z'], {
        map: { d: 'z', e: 'z' },
        was: pick % 2 === 0 ? ['e', 'a', 'b', 'd'] : ['a', 'b', 'e', 'd'],
      })
  },
  (builder, _world, { name }) => {
    builder
      .createCompositeType(name, { x: 'integer', y: 'text' })
      .addTypeAttribute(name, 'z', 'uuid')
      .renameTypeAttribute(name, 'z', 'w')
      .dropTypeAttribute(name, 'w', { was: 'uuid' })
      .createRange(`${name}_r`, { subtype: 'float8' })
      .createDomain(`${name}_d`, 'integer', { nullable: false })
      .setDomainNullable(`${name}_d`)
      .setDomainDefault(`${name}_d`, 5, { was: { noDefault: true } })
      .dropDomainDefault(`${name}_d`, { was: { defaultValue: 5 } })
      .addDomainCheck(`${name}_d`, `${name}_k`, 'VALUE > 0')
      .renameDomainCheck(`${name}_d`, `${name}_k`, `${name}_l`)
  },
  (builder, _world, { name }) => {
    builder
      .createTable(name, (table) => {
        table.integer('n')
        table.timestamps({ trigger: true })
      })
      .createFunction(`${name}_f`, {
        args: [],
        returns: 'trigger',
        language: 'plpgsql',
        body: 'BEGIN RETURN NEW; END',
      })
      .createTrigger(`${name}_g`, name, {
        when: 'before',
        events: ['insert', { update: ['n'] }],
        forEach: 'row',
        execute: `${name}_f`,
      })
      .renameTrigger(`${name}_g`, name, `${name}_h`)
      .disableTrigger(`${name}_h`, name)
      .enableRls(name, { force: true })
      .policy(`${name}_p`, name, { for: 'select', to: 'PUBLIC', using: 'n > 0' })
      .alterPolicy(`${name}_p`, name, { using: 'n > 1' }, { was: { using: 'n > 0' } })
      .grant(['select', 'insert'], { on: { table: name }, to: 'PUBLIC' })
      .revoke('insert', { on: { table: name }, from: 'PUBLIC' })
      .comment({ table: name, column: 'n' }, "it's n")
  },
  (builder, _world, { name }) => {
    builder
      .createTable(name, (table) => table.integer('n').primary())
      .createPublication(`${name}_p`, { tables: [name], publish: ['insert'] })
      .createFunction(`${name}_e`, {
        args: [],
        returns: 'event_trigger',
        language: 'plpgsql',
        body: 'BEGIN END',
      })
      .createEventTrigger(`${name}_t`, {
        on: 'ddl_command_start',
        tags: ['CREATE COLLATION'],
        execute: `${name}_e`,
      })
      .createSequence(`${name}_s`, { cache: 5 })
      .alterSequence(`${name}_s`, { cache: 7, was: { cache: 5 } })
      .createView(`${name}_v`, 'SELECT 1 AS one')
      .createView(`${name}_v`, 'SELECT 2 AS one', {
        replace: true,
        was: { query: 'SELECT 1 AS one' },
      })
  },
]

const objectChanges: Change[] = [
  making(
    'view',
    (builder, { name, other }) => void builder.createView(name, `SELECT ${other} AS one`),
  ),
  onThing('view', (builder, thing, { name }) => {
    builder.renameView(thing.name, name)
    thing.name = name
  }),
  making('view', (builder, { name }) => {
    builder.createView(name, 'SELECT 1 AS one')
    builder.comment({ view: name }, 'first').comment({ view: name }, 'second')
  }),
  making('materialized', (builder, { name }) => {
    builder.createMaterializedView(name, 'SELECT 1 AS one').refreshMaterializedView(name)
  }),
  making('function', (builder, { name, other }) => {
    builder.createFunction(name, {
      args: [{ name: 'n', type: 'integer' }],
      returns: 'integer',
      language: 'sql',
      body: `SELECT n + ${other}`,
    })
  }),
  making('procedure', (builder, { name }) => {
    builder.createProcedure(name, { args: [], language: 'sql', body: 'SELECT 1' })
  }),
  making('aggregate', (builder, { name, other }) => {
    builder
      .createAggregate(`${name}_a`, {
        args: ['integer'],
        stateFunction: 'int4pl',
        stateType: 'integer',
        initial: String(other),
      })
      .renameAggregate(`${name}_a`, ['integer'], name)
  }),
  making('view', (builder, { name }) => {
    builder
      .createView(name, 'SELECT 1 AS one')
      .setOwner({ view: name }, 'pg_monitor')
      .setOwner({ view: name }, 'pg_maintain')
  }),
  making(
    'sequence',
    (builder, { name, pick }) => void builder.createSequence(name, { start: pick + 1 }),
  ),
  onThing('sequence', (builder, thing, { name }) => {
    builder.renameSequence(thing.name, name)
    thing.name = name
  }),
  making('enum', (builder, { name }) => void builder.createType(name, ['p', 'q'])),
  onThing('enum', (builder, thing, { name }) => {
    builder.renameType(thing.name, name)
    thing.name = name
  }),
  making(
    'composite',
    (builder, { name }) => void builder.createCompositeType(name, { x: 'integer' }),
  ),
  making('domain', (builder, { name }) => {
    builder.createDomain(name, 'integer')
    builder.addDomainCheck(name, `${name}_positive`, 'VALUE > 0')
  }),
  making('schema', (builder, { name }) => void builder.createSchema(name)),
  onThing('schema', (builder, thing, { name }) => {
    builder.renameSchema(thing.name, name)
    thing.name = name
  }),
  (builder, _world, { name }) =>
    void builder.raw(`CREATE TABLE raw_${name} ()`, `DROP TABLE raw_${name}`),
  (builder, _world, { name }) =>
    void builder.reversible({
      up: (up) => up.raw(`CREATE TABLE r_${name} ()`).createSequence(`s_${name}`),
      down: (down) =>
        down.raw(
          `DROP SEQUENCE s_${name}; DROP TABLE r_${name}`,
          `CREATE TABLE r_${name} (); CREATE SEQUENCE s_${name}`,
        ),
    }),
  // What was made in the same list and not touched since is dropped, and comes back.
  (builder, _world, { name, pick }) => {
    const made: readonly (() => unknown)[] = [
      () => builder.createView(name, 'SELECT 1 AS one').comment({ view: name }, 'x').dropView(name),
      () => builder.createType(name, ['a']).addTypeValue(name, 'b').dropType(name),
      () => builder.createSequence(name, { cycle: true }).dropSequence(name),
      () => builder.createDomain(name, 'text').dropDomain(name),
      () =>
        builder
          .createFunction(name, { args: [], returns: 'integer', language: 'sql', body: 'SELECT 1' })
          .dropFunction(name, []),
      () =>
        builder
          .createAggregate(name, {
            args: ['integer'],
            stateFunction: 'int4pl',
            stateType: 'integer',
          })
          .comment({ aggregate: name, args: ['integer'] }, 'x')
          .dropAggregate(name, ['integer']),
      () => builder.createSchema(name).dropSchema(name),
      () => builder.createMaterializedView(name, 'SELECT 1 AS one').dropMaterializedView(name),
    ]
    at(made, pick)?.()
  },
]

export const changes: readonly Change[] = [
  ...tableChanges,
  ...attachedChanges,
  ...rememberedChanges,
  ...specialChanges,
  ...objectChanges,
]
