import type { SchemaBuilder } from '../../../src/builder/schema-builder.ts'
import type { CreateTriggerOptions } from '../../../src/builder/triggers.ts'
import { at } from '../world.ts'
import type { Change } from '../world.ts'
import { onTable } from './on-world.ts'

const trigger = (name: string): CreateTriggerOptions => ({
  when: 'before',
  events: ['insert', { update: ['n'] }],
  forEach: 'row',
  execute: `${name}_f`,
})
const triggerFunction = { args: [], returns: 'trigger', language: 'plpgsql' } as const

/** What stands on a table: comments, triggers, policies, privileges. */
export const attachedChanges: Change[] = [
  onTable((builder, table, { other }) => {
    builder.setOwner({ table: table.name }, other % 2 === 0 ? 'pg_monitor' : 'CURRENT_ROLE')
  }),
  onTable((builder, table, { name }) => void builder.comment({ table: table.name }, name)),
  onTable((builder, table, { name }) => {
    builder.policy(name, table.name, { for: 'select', using: 'true' })
    builder.renamePolicy(name, table.name, `${name}_b`)
    table.isBound = true
  }),
  onTable((builder, table, { name, pick }, world) => {
    table.columns.push(name)
    table.isBound = true
    world.hasPlpgsql = true
    builder.addColumn(table.name, (columns) => columns.timestamptz(name).nullable())
    builder.touchOnUpdate(table.name, { column: name })
    if (pick % 3 === 0) builder.dropTouchOnUpdate(table.name, { column: name })
  }),
  (builder, world, { name, pick, other }) => {
    world.hasPlpgsql = true
    builder
      .createTable(name, (table) => {
        table.integer('n')
        table.timestamps({ trigger: true })
      })
      .createFunction(`${name}_f`, { ...triggerFunction, body: 'BEGIN RETURN NEW; END' })
      .createTrigger(`${name}_g`, name, trigger(name))
      .renameTrigger(`${name}_g`, name, `${name}_h`)
      .disableTrigger(`${name}_h`, name)
      .enableRls(name, { force: true })
      .policy(`${name}_p`, name, { for: 'select', to: 'PUBLIC', using: 'n > 0' })
      .alterPolicy(`${name}_p`, name, { using: 'n > 1' }, { was: { using: 'n > 0' } })
      .grant(['select', 'insert'], { on: { table: name }, to: 'PUBLIC' })
      .revoke('insert', { on: { table: name }, from: 'PUBLIC' })
      .comment({ table: name, column: 'n' }, "it's n")
    const more: readonly ((builder: SchemaBuilder) => unknown)[] = [
      (last) => last.enableTrigger(`${name}_h`, name, other % 2 === 0 ? {} : { mode: 'always' }),
      (last) =>
        last
          .enableTrigger(`${name}_h`, name)
          .dropTrigger(`${name}_h`, name, { was: trigger(name) }),
      (last) =>
        last.dropPolicy(`${name}_p`, name, {
          was: { for: 'select', to: 'PUBLIC', using: 'n > 1' },
        }),
      (last) => last.disableRls(name, { force: true }),
      // The function stays behind, until the last table that is told to stop using it.
      (last) => (world.isOlder ? last.dropTouchOnUpdate(name) : last).dropTable(name),
    ]
    at(more, pick)?.(builder)
  },
]
