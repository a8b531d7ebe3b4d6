import type { SchemaBuilder } from '../../../src/builder/schema-builder.ts'
import { identifier } from '../../../src/sql/identifier.ts'
import { at } from '../world.ts'
import type { Change } from '../world.ts'

const made: readonly ((builder: SchemaBuilder, name: string) => unknown)[] = [
  (builder, name) =>
    builder.createView(name, 'SELECT 1 AS one').comment({ view: name }, 'x').dropView(name),
  (builder, name) => builder.createType(name, ['a']).addTypeValue(name, 'b').dropType(name),
  (builder, name) => builder.createSequence(name, { cycle: true }).dropSequence(name),
  (builder, name) => builder.createDomain(name, 'text').dropDomain(name),
  (builder, name) =>
    builder
      .createFunction(name, { args: [], returns: 'integer', language: 'sql', body: 'SELECT 1' })
      .dropFunction(name, []),
  (builder, name) =>
    builder
      .createProcedure(name, { args: [], language: 'sql', body: 'SELECT 1' })
      .dropProcedure(name, []),
  (builder, name) =>
    builder
      .createAggregate(name, { args: ['integer'], stateFunction: 'int4pl', stateType: 'integer' })
      .comment({ aggregate: name, args: ['integer'] }, 'x')
      .dropAggregate(name, ['integer']),
  (builder, name) => builder.createSchema(name).dropSchema(name),
  (builder, name) =>
    builder.createMaterializedView(name, 'SELECT 1 AS one').dropMaterializedView(name),
]

/** What belongs to no table. */
export const databaseChanges: Change[] = [
  (builder, world, { name, pick }) => {
    world.hasPlpgsql = true
    const onCollation = {
      on: 'ddl_command_start',
      tags: ['CREATE COLLATION'],
      execute: `${name}_e`,
    } as const
    builder
      .createTable(name, (table) => table.integer('n').primary())
      .createPublication(`${name}_p`, { tables: [name], publish: ['insert'] })
      .alterPublication(`${name}_p`, { publish: ['delete'] }, { was: { publish: ['insert'] } })
      .alterPublication(`${name}_p`, { drop: { tables: [name] } }, { was: { tables: [name] } })
      .createFunction(`${name}_e`, {
        args: [],
        returns: 'event_trigger',
        language: 'plpgsql',
        body: 'BEGIN END',
      })
      .createEventTrigger(`${name}_t`, onCollation)
    if (pick % 2 === 0) builder.dropEventTrigger(`${name}_t`, { was: onCollation })
    if (pick % 3 === 0) builder.dropPublication(`${name}_p`, { was: { publish: ['delete'] } })
  },
  (builder, _world, { name }) => {
    builder
      .createSequence(`${name}_s`, { cache: 5 })
      .alterSequence(`${name}_s`, { cache: 7, was: { cache: 5 } })
      .createView(`${name}_v`, 'SELECT 1 AS one')
      .createView(`${name}_v`, 'SELECT 2 AS one', {
        replace: true,
        was: { query: 'SELECT 1 AS one' },
      })
      .createView(name, 'SELECT 1 AS one')
      .comment({ view: name }, 'first')
      .comment({ view: name }, 'second')
      .setOwner({ view: name }, 'pg_monitor')
      .setOwner({ view: name }, 'pg_maintain')
  },
  (builder, _world, { name, pick }) => {
    builder.createSchema(name).grantDefault(['select', 'insert'], {
      on: 'tables',
      inSchema: name,
      to: 'PUBLIC',
    })
    if (pick % 2 === 0) {
      builder.revokeDefault('insert', { on: 'tables', inSchema: name, from: 'PUBLIC' })
    }
    builder.createTable(`${name}.t`, (table) => table.integer('n'))
  },
  // The one extension that every engine has.
  (builder, world, { other }) => {
    if (world.hasPlpgsql) return
    builder.dropExtension('plpgsql', { was: { schema: 'pg_catalog', version: '1.0' } })
    if (other % 2 === 0) builder.createExtension('plpgsql', { schema: 'pg_catalog' })
    else builder.createExtension('plpgsql', { version: '1.0' })
  },
  (builder, _world, { name }) =>
    void builder.raw(`CREATE TABLE ${identifier(name)} ()`, `DROP TABLE ${identifier(name)}`),
  (builder, _world, { name }) => {
    const [table, sequence] = [identifier(`r_${name}`), identifier(`s_${name}`)]
    builder.reversible({
      up: (up) => up.raw(`CREATE TABLE ${table} ()`).createSequence(`s_${name}`),
      down: (down) =>
        down.raw(
          `DROP SEQUENCE ${sequence}; DROP TABLE ${table}`,
          `CREATE TABLE ${table} (); CREATE SEQUENCE ${sequence}`,
        ),
    })
  },
  // What was made in the same list and not touched since is dropped, and comes back.
  (builder, _world, { name, pick }) => void at(made, pick)?.(builder, name),
]
