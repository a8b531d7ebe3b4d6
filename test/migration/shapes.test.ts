import { expect, onTestFinished, test } from 'vitest'

import { Migrator } from '../../src/migration/migrator.ts'
import { createProject } from './project.ts'
import { emptyDatabase, recorded, tables } from './test-database.ts'

async function migrate(files: Readonly<Record<string, string>>): Promise<{
  migrator: Migrator
  seen: () => Promise<{ tables: string[]; recorded: string[] | undefined }>
}> {
  const database = await emptyDatabase('pglite')
  const { folder } = createProject(files)
  const migrator = new Migrator({ ...database.options, folder })
  onTestFinished(() => migrator.close())
  return {
    migrator,
    seen: async () => ({ tables: await tables(database), recorded: await recorded(database) }),
  }
}

test.for([
  ['change', `export function change(b) { b.createTable('a', (t) => { t.id() }) }`],
  ['a default change', `export default { change(b) { b.createTable('a', (t) => { t.id() }) } }`],
  ['a list of calls', `export const up = (t) => [t.createTable('a', (c) => { c.id() })]`],
  [
    'lists of data',
    `export const up = [{ kind: 'createTable', table: { name: 'a' }, columns: [], constraints: [] }]
     export const down = [[{ kind: 'dropTable', table: { name: 'a' } }]]`,
  ],
  [
    'drops of what the same file made',
    `export function up(b) {
       b.createTable('x', (t) => { t.integer('n').defaultTo(1).unique(); t.index('n') })
       b.alterTable('x', (t) => { t.alterColumn('n', { type: 'text', dropDefault: true }); t.dropIndex('n') })
       b.renameTable('x', 'y').dropColumn('y', 'n').dropTable('y')
       b.createTable('a', (t) => { t.enum('s', ['p']) })
     }`,
  ],
] as const)('%s, there and back', async ([, text]) => {
  const { migrator, seen } = await migrate({ '1.mjs': text })
  await migrator.migrate()
  expect(await seen()).toEqual({ tables: ['a'], recorded: ['1'] })
  await migrator.down()
  expect(await seen()).toEqual({ tables: [], recorded: [] })
  await migrator.migrate()
  expect(await seen()).toEqual({ tables: ['a'], recorded: ['1'] })
})

test.for([
  [`export function change() {}; export function up() {}`, 'exports "change" beside'],
  [`export default { name: 'other', up() {} }`, 'says that its name is "other"'],
  [`export const transaction = 'no'; export function up() {}`, 'neither true nor false'],
  [`export const lockTimeout = 'soon'; export function up() {}`, 'is no time'],
  [`export const up = ['nonsense']`, 'a step of a migration is an operation or SQL'],
] as const)('%s is refused', async ([text, message]) => {
  const { migrator, seen } = await migrate({ '1.mjs': text })
  await expect(migrator.migrate()).rejects.toThrow(message)
  expect((await seen()).recorded).toEqual([])
})

test('a list runs in its order, calls between SQL and data', async () => {
  const { migrator, seen } = await migrate({
    '1.mjs': `
      const sql = (text) => ({ kind: 'raw', sql: text, down: 'SELECT 1' })
      export async function up(t, { db }) {
        t.createTable('first', (table) => { table.id() })
        await db.query('SELECT FROM first')
        t.addColumn('first', (table) => table.integer('n').nullable())
        return [
          sql('CREATE INDEX by_n ON first (n)'),
          t.createTable('a', (table) => { table.id(); table.belongsTo('b', { nullable: true }) }),
          sql('CREATE INDEX again ON a (b_id)'),
          t.raw('').raw(''),
          [
            sql('ALTER INDEX again RENAME TO other'),
            t.createTable('b', (table) => { table.id(); table.belongsTo('a') }).addColumn('a', (table) => table.text('c')),
            [sql('CREATE INDEX by_c ON a (c)'), undefined],
          ],
          { kind: 'renameColumn', table: { name: 'a' }, from: 'c', to: 'd' },
          t.createIndex('a', 'd').renameColumn('a', 'd', 'e'),
          sql('ALTER TABLE b RENAME TO c'),
          sql('DROP TABLE first'),
        ]
      }`,
  })
  await migrator.migrate()
  expect(await seen()).toEqual({ tables: ['a', 'c'], recorded: ['1'] })
})

test.for([
  ['rows that were inserted', `db.insertMany('a', [{ kind: 'dropTable' }, { kind: 'x' }])`],
  ['rows that were found', `db.find('a')`],
  ['rows of a query', `db.query("SELECT 'dropTable' AS kind")`],
  [
    'results of several calls',
    `Promise.all([db.insert('a', { kind: 'x' }), db.findOne('a', { kind: 'x' }), db.find('a'), db.delete('a', { kind: 'y' }), db.exists('a', { kind: 'x' }), db.raw('SELECT 1')])`,
  ],
] as const)('a migration may return %s', async ([, returned]) => {
  const { migrator, seen } = await migrate({
    '1.mjs': `export function up(b) { b.createTable('a', (t) => { t.text('kind') }).raw("INSERT INTO a VALUES ('dropTable')") }`,
    '2.mjs': `export const up = (b, { db }) => ${returned}`,
  })
  await migrator.migrate()
  expect(await seen()).toEqual({ tables: ['a'], recorded: ['1', '2'] })
})

test('lockTimeout holds for the statements of its migration only', async () => {
  const { migrator } = await migrate({
    '1.mjs': `export default { name: '1', lockTimeout: '1234ms', async up(b, { db }) {
      b.raw("CREATE TABLE a AS SELECT current_setting('lock_timeout') AS t")
      await db.query('SELECT 1')
    } }`,
    '2.mjs': `export const lockTimeout = '2s'
      export function up(b) { b.raw("INSERT INTO a SELECT current_setting('lock_timeout')") }`,
    '3.mjs': `export function up(b) {
      b.raw("INSERT INTO a SELECT current_setting('lock_timeout')")
      b.raw("DO $$ BEGIN IF (SELECT string_agg(t, ' ') FROM a) <> '1234ms 2s 0' THEN RAISE 'wrong: %', (SELECT string_agg(t, ' ') FROM a); END IF; END $$")
    }`,
  })
  await expect(migrator.migrate()).resolves.toMatchObject({ applied: [{}, {}, {}] })
})
