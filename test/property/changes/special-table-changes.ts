import type { Change } from '../world.ts'

/** Tables of their own kind, each change made and where needed taken back within one step. */
export const specialTableChanges: Change[] = [
  (builder, _world, { name, pick, other }) => {
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
      .reindex({ table: name })
    if (other % 2 === 0) builder.setLogged(name)
    else builder.setUnlogged(name)
    if (pick % 2 === 0) builder.dropExclude(name, `${name}_period_excl`)
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
  (builder, _world, { name, pick, other }) => {
    builder
      .createTable(name, (table) => table.integer('n').nullable())
      .createTable(`${name}_child`, (table) => {
        table.inherits(name)
        table.integer('m').nullable(other % 2 === 0)
        table.integer('o').nullable(other % 3 === 0)
      })
      .noInherit(`${name}_child`, name)
      .addPrimaryKey(`${name}_child`, ['m', 'o'], {
        // Without its parent it is another table than the one that was made here.
        was: {
          nullable: [...(other % 2 === 0 ? ['m'] : []), ...(other % 3 === 0 ? ['o'] : [])],
        },
      })
    if (pick % 2 === 0) {
      builder.dropPrimaryKey(`${name}_child`, { was: (table) => table.primary(['m', 'o']) })
    }
    builder.createSchema(`${name}_schema`)
    if (pick % 3 === 0) builder.inherit(`${name}_child`, name)
    else builder.setSchema(`public.${name}`, `${name}_schema`)
  },
]
