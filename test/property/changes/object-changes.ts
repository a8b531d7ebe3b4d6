import type { AggregateInput } from '../../../src/builder/aggregates.ts'
import type { SchemaBuilder } from '../../../src/builder/schema-builder.ts'
import { at } from '../world.ts'
import type { Change, Choice, Thing } from '../world.ts'

/** What is made, how it is dropped once more with all that it was, and its new name. */
interface Making {
  readonly make: (builder: SchemaBuilder, choice: Choice) => unknown
  readonly drop: (choice: Choice) => Thing['drop']
  readonly rename: (builder: SchemaBuilder, from: string, to: string) => unknown
}

const addition = (other: number): { args: [{ name: string; type: string }]; body: string } => ({
  args: [{ name: 'n', type: 'integer' }],
  body: `SELECT n + ${other}`,
})

const sum = (other: number): AggregateInput => ({
  args: ['integer'],
  stateFunction: 'int4pl',
  stateType: 'integer',
  initial: String(other),
})

const MAKINGS: Readonly<Record<Thing['sort'], Making>> = {
  aggregate: {
    make: (builder, { name, other }) => builder.createAggregate(name, sum(other)),
    drop:
      ({ other }) =>
      (builder, name) =>
        builder.dropAggregate(name, ['integer'], { was: sum(other) }),
    rename: (builder, from, to) => builder.renameAggregate(from, ['integer'], to),
  },
  composite: {
    make: (builder, { name }) => builder.createCompositeType(name, { x: 'integer' }),
    drop: () => (builder, name) =>
      builder.dropType(name, { was: { attributes: { x: 'integer' } } }),
    rename: (builder, from, to) => builder.renameType(from, to),
  },
  domain: {
    make: (builder, { name }) => builder.createDomain(name, 'integer', { nullable: false }),
    drop: () => (builder, name) =>
      builder.dropDomain(name, { was: { type: 'integer', nullable: false } }),
    rename: (builder, from, to) => builder.renameDomain(from, to),
  },
  enum: {
    make: (builder, { name }) => builder.createType(name, ['p', 'q']),
    drop: () => (builder, name) => builder.dropType(name, { was: { values: ['p', 'q'] } }),
    rename: (builder, from, to) => builder.renameType(from, to),
  },
  function: {
    make: (builder, { name, other }) =>
      builder.createFunction(name, { ...addition(other), returns: 'integer', language: 'sql' }),
    drop:
      ({ other }) =>
      (builder, name) =>
        builder.dropFunction(name, ['integer'], {
          was: { ...addition(other), returns: 'integer', language: 'sql' },
        }),
    rename: (builder, from, to) => builder.renameFunction(from, ['integer'], to),
  },
  materialized: {
    make: (builder, { name, other }) =>
      builder.createMaterializedView(name, `SELECT ${other} AS one`).refreshMaterializedView(name),
    drop:
      ({ other }) =>
      (builder, name) =>
        builder.dropMaterializedView(name, { was: { query: `SELECT ${other} AS one` } }),
    rename: (builder, from, to) => builder.renameMaterializedView(from, to),
  },
  procedure: {
    make: (builder, { name, other }) =>
      builder.createProcedure(name, { ...addition(other), language: 'sql' }),
    drop:
      ({ other }) =>
      (builder, name) =>
        builder.dropProcedure(name, ['integer'], { was: { ...addition(other), language: 'sql' } }),
    rename: (builder, from, to) => builder.renameProcedure(from, ['integer'], to),
  },
  schema: {
    make: (builder, { name }) => builder.createSchema(name),
    drop: () => (builder, name) => builder.dropSchema(name, { was: {} }),
    rename: (builder, from, to) => builder.renameSchema(from, to),
  },
  sequence: {
    make: (builder, { name, pick }) => builder.createSequence(name, { start: pick + 1 }),
    drop:
      ({ pick }) =>
      (builder, name) =>
        builder.dropSequence(name, { was: { start: pick + 1 } }),
    rename: (builder, from, to) => builder.renameSequence(from, to),
  },
  view: {
    make: (builder, { name, other }) => builder.createView(name, `SELECT ${other} AS one`),
    drop:
      ({ other }) =>
      (builder, name) =>
        builder.dropView(name, { was: { query: `SELECT ${other} AS one` } }),
    rename: (builder, from, to) => builder.renameView(from, to),
  },
}

/** One change that makes such a thing, one that renames one: a new one where there is none. */
function changesOf([sort, { make, drop, rename }]: readonly [Thing['sort'], Making]): Change[] {
  const making: Change = (builder, world, choice) => {
    make(builder, choice)
    world.objects.push({ sort, name: choice.name, drop: drop(choice) })
  }
  const renaming: Change = (builder, world, choice) => {
    const { pick, name } = choice
    const things = (): Thing[] => world.objects.filter((one) => one.sort === sort)
    if (things().length === 0) making(builder, world, { ...choice, name: `${name}_old` })
    const thing = at(things(), pick)
    if (!thing) return
    rename(builder, thing.name, name)
    thing.name = name
  }
  const dropping: Change = (builder, world, { pick }) => {
    const things = world.objects.filter((one) => one.sort === sort)
    const thing = at(things, pick)
    if (!thing) return
    thing.drop(builder, thing.name)
    world.objects = world.objects.filter((one) => one !== thing)
  }
  return [making, renaming, dropping]
}

/** Objects beside tables: made, renamed and dropped, each in its own step. */
export const objectChanges: Change[] = (
  Object.entries(MAKINGS) as [Thing['sort'], Making][]
).flatMap(changesOf)
