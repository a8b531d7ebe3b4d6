import { at } from '../world.ts'
import type { Change } from '../world.ts'

/** Made, changed and destroyed within one step, with names that are parts of each other. */
export const rememberedChanges: Change[] = [
  (builder, _world, { name, pick, other }) => {
    builder.createTable(name, (table) => {
      table.integer('id').nullable().comment('id')
      table.integer('paid').nullable().check('PAID > 0')
      table.integer('prepaid').nullable().comment('paid before')
      table.index('paid', { where: 'prepaid > 0' })
      table.comment('id and paid')
    })
    builder.addCheck(name, `${name}_both`, '"prepaid" > 0 OR id > 0')
    const columns = ['id', 'paid', 'prepaid']
    builder.dropColumn(name, at(columns, pick) ?? 'id')
    if (other % 2 === 0) builder.dropTable(name)
  },
  (builder, _world, { name, pick }) => {
    builder.createTable(name, (table) => {
      table.integer('n').nullable()
      table.index('n')
      table.partitionBy('range', 'n')
    })
    builder
      .createPartition(`${name}_1`, name, { from: 0, to: 10 })
      .createPartition(`${name}_2`, name, 'default')
      .addCheck(`${name}_1`, `${name}_k`, 'n < 9')
      .comment({ table: `${name}_2` }, 'the rest')
    if (pick % 2 === 0) builder.renameTable(name, `${name}_r`)
    if (pick % 3 === 0) builder.dropTable(`${name}_1`)
    if (pick % 5 < 3) builder.dropTable(pick % 2 === 0 ? `${name}_r` : name)
  },
  (builder, _world, { name, pick }) => {
    builder
      .createTable(name, (table) => {
        table.integer('a').nullable().comment('first')
        table.integer('b').nullable().unique()
      })
      .createTable(`${name}_c`, (table) => void table.integer('x').nullable())
      .addForeignKey(`${name}_c`, 'x', { table: name, column: 'b' })
      .renameColumn(name, 'a', 'c')
      .renameIndex(name, `${name}_b_key`, `${name}_i`)
      .renameTable(name, `${name}_r`)
      .comment({ table: `${name}_r`, column: 'c' }, 'second')
      .dropTable(`${name}_c`)
      .dropColumn(`${name}_r`, pick % 2 === 0 ? 'b' : 'c')
      .dropTable(`${name}_r`)
  },
  (builder, _world, { name, pick }) => {
    builder
      .createView(name, 'SELECT 1 AS one')
      .comment({ view: name }, 'said')
      .createView(name, 'SELECT 2 AS one, 3 AS two', { replace: true })
    if (pick % 2 === 0) builder.dropView(name)
  },
  (builder, _world, { name }) => {
    builder
      .createTable(name, (table) => void table.integer('a').nullable())
      .setNullable(name, 'a')
      .setNotNull(name, 'a')
      .setNotNull(name, 'a')
      .setNullable(name, 'a')
      .setLogged(name)
      .setUnlogged(name)
      .enableRls(name)
      .enableRls(name, { force: true })
      .comment({ table: name }, 'one')
      .comment({ table: name }, 'two')
  },
]
