import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { withMemory } from '../../src/operations/memory/schema-memory.ts'
import { compile } from '../../src/sql/compile.ts'
import { catalog } from '../helpers/catalog.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

type Define = (builder: SchemaBuilder) => unknown

function recorded(define: Define): SchemaBuilder['operations'] {
  const builder = new SchemaBuilder()
  define(builder)
  return withMemory(builder.operations)
}

/** Each step is undone from behind, and the catalog compared with that before the step. */
async function undo(define: Define): Promise<void> {
  const operations = recorded(define)
  invertAll(operations)
  for (const database of engines.all()) {
    await emptyDatabase(database)
    const states: unknown[] = []
    for (const operation of operations) {
      states.push(await catalog(database))
      await database.run([compile(operation)])
    }
    for (const operation of operations.toReversed()) {
      await database.run(invertAll([operation]).map(compile))
      expect(await catalog(database), `undoing ${operation.kind}`).toEqual(states.pop())
    }
  }
}

const body = 'BEGIN RETURN NEW; END'
const numbers: Define = (b) => b.createTable('t', (t) => void t.integer('id'))
const parted: Define = (b) => {
  b.createTable('p', (t) => {
    t.integer('id')
    t.index('id')
    t.partitionBy('range', 'id')
  })
  b.createPartition('p1', 'p', { from: 0, to: 10 })
}

describe('comes back exactly', () => {
  test.for<readonly [string, Define]>([
    [
      'a column whose name is part of another',
      (b) =>
        b
          .createTable('t', (t) => {
            t.integer('id')
            t.integer('paid').check('paid > 0')
          })
          .dropColumn('t', 'id'),
    ],
    [
      'a column with its check, in any case of letters',
      (b) =>
        b
          .createTable('t', (t) => {
            t.integer('id')
            t.integer('n')
          })
          .addCheck('t', 'c', 'N > 0 AND "n" < 9')
          .createIndex('t', 'id', { where: 'n > 1' })
          .dropColumn('t', 'n'),
    ],
    [
      'a comment after default privileges, which do not change it',
      (b) =>
        b
          .createSchema('app')
          .createTable('app.t', (t) => void t.integer('id'))
          .grantDefault('select', { on: 'tables', inSchema: 'app', to: 'PUBLIC' })
          .comment({ schema: 'app' }, 'said')
          .comment({ table: 'app.t' }, 'said too'),
    ],
    [
      'a column beside one with a comment',
      (b) =>
        b
          .createTable('t', (t) => {
            t.integer('id').comment('key')
            t.integer('x').comment('hm')
            t.comment('table')
          })
          .dropColumn('t', 'id'),
    ],
    [
      'a partitioned table with its partitions',
      (b) => {
        parted(b)
        b.addCheck('p1', 'c', 'id > 0').dropTable('p')
      },
    ],
    [
      'a partition with its check, of a renamed table',
      (b) => {
        parted(b)
        b.addCheck('p1', 'c', 'id > 0').renameTable('p', 'q').dropTable('p1')
      },
    ],
    [
      'a constraint whose index was renamed',
      (b) =>
        b
          .createTable('t', (t) => {
            t.integer('id').primary()
            t.integer('b').unique()
          })
          .renameIndex('t', 't_b_key', 'foo')
          .dropColumn('t', 'b')
          .renameIndex('t', 't_pkey', 'bar')
          .dropTable('t'),
    ],
    [
      'keys on the same columns, which CREATE TABLE would merge',
      (b) =>
        b
          .createTable('t', (t) => {
            t.integer('id').primary()
            t.integer('n')
            t.unique(['id', 'n'], { name: 'one' })
          })
          .addUnique('t', 'id')
          .addUnique('t', ['id', 'n'], { name: 'two', deferrable: 'deferred' })
          .addUnique('t', ['id', 'n'], { name: 'three' })
          .dropTable('t'),
    ],
    [
      'a column without the key that CREATE TABLE has merged',
      (b) => {
        b.createTable('t', (t) => {
          t.integer('n').nullable()
          t.integer('id').unique({ name: 'lost' }).primary()
        })
        b.dropColumn('t', 'id')
      },
    ],
    [
      'a view that is replaced, and what is said of it',
      (b) =>
        b
          .createView('v', 'SELECT 1 AS one')
          .comment({ view: 'v' }, 'said')
          .createView('v', 'SELECT 2 AS one, 3 AS two', { replace: true })
          .dropView('v'),
    ],
    [
      'a function that is replaced',
      (b) => {
        const f = { args: [], returns: 'integer', language: 'sql' } as const
        b.createFunction('f', { ...f, body: 'SELECT 1' })
        b.createFunction('f', { ...f, body: 'SELECT 2', replace: true })
      },
    ],
    [
      'a renamed table with a comment',
      (b) => {
        b.createTable('t', (t) => void t.integer('id').nullable().comment('y'))
        b.comment({ table: 't' }, 'x').renameTable('t', 'u').dropTable('u')
      },
    ],
    [
      'what a change did not change',
      (b) => {
        numbers(b)
        b.setNotNull('t', 'id').setLogged('t').setUnlogged('t').setLogged('t')
        b.enableRls('t').enableRls('t', { force: true }).enableRls('t')
        const select = { on: { table: 't' }, to: 'PUBLIC' } as const
        b.grant('select', select).grant(['select', 'insert'], select).grant('select', select)
        b.comment({ table: 't' }, 'a').comment({ table: 't' }, 'b')
      },
    ],
  ])('%s', ([, define]) => undo(define))
})

describe('is refused where it is not known', () => {
  const drops: readonly (readonly [string, Define])[] = [
    [
      'a name that may be a function or a column',
      (b) => {
        numbers(b)
        b.addColumn('t', (t) => t.text('lower')).addCheck('t', 'c', `lower('A') = 'a'`)
        b.dropColumn('t', 'lower')
      },
    ],
    [
      'raw SQL in capitals',
      (b) => {
        numbers(b)
        b.raw('ALTER TABLE T ADD n int', 'ALTER TABLE T DROP n').dropTable('t')
      },
    ],
    [
      'raw SQL on a type',
      (b) => {
        b.createTable('t', (t) => void t.specificType('m', 'mood'))
        b.raw('ALTER TYPE mood RENAME TO m2', 'SELECT').dropTable('t')
      },
    ],
    [
      'an index on a view',
      (b) =>
        b
          .createMaterializedView('v', 'SELECT 1 AS one')
          .createIndex('v', 'one')
          .dropMaterializedView('v'),
    ],
    [
      'a trigger on a view',
      (b) =>
        b
          .createView('v', 'SELECT 1 AS one')
          .createFunction('f', { args: [], returns: 'trigger', language: 'plpgsql', body })
          .createTrigger('g', 'v', {
            when: 'instead of',
            events: ['insert'],
            forEach: 'row',
            execute: 'f',
          })
          .dropView('v'),
    ],
    [
      'a sequence that a table owns',
      (b) => {
        numbers(b)
        b.createSequence('s', { ownedBy: { table: 't', column: 'id' } }).dropTable('t')
      },
    ],
    [
      'a publication of a table',
      (b) => {
        numbers(b)
        b.createPublication('pub', { tables: ['t'] }).dropTable('t')
      },
    ],
    [
      'a view of a renamed table',
      (b) => {
        numbers(b)
        b.createView('v', 'SELECT id FROM t').renameTable('t', 'u').dropView('v')
      },
    ],
    [
      'a column of a renamed type',
      (b) => {
        b.createType('mood', ['a']).createTable('t', (t) => {
          t.integer('id')
          t.specificType('m', 'mood').defaultTo('a')
        })
        b.renameType('mood', 'feeling').dropColumn('t', 'm')
      },
    ],
    [
      'a default that is a renamed value',
      (b) => {
        b.createType('mood', ['a']).createTable('t', (t) => {
          t.integer('id')
          t.specificType('m', 'mood').defaultTo('a')
        })
        b.renameTypeValue('mood', 'a', 'c').dropColumn('t', 'm')
      },
    ],
    [
      'a trigger of a renamed function',
      (b) => {
        numbers(b)
        b.createFunction('f', { args: [], returns: 'trigger', language: 'plpgsql', body })
        b.createTrigger('g', 't', { when: 'before', events: ['insert'], execute: 'f' })
        b.renameFunction('f', [], 'h').dropTrigger('g', 't')
      },
    ],
    [
      'a foreign key into a renamed schema',
      (b) => {
        b.createSchema('a').createTable('a.t', (t) => void t.integer('id').primary())
        b.createTable('x', (t) => void t.integer('t_id').references('a.t', 'id'))
        b.renameSchema('a', 'b').dropTable('x')
      },
    ],
    [
      'a table under another spelling',
      (b) => {
        numbers(b)
        b.addColumn('public.t', (t) => t.integer('n')).dropTable('t')
      },
    ],
    [
      'a function with a privilege',
      (b) => {
        b.createFunction('f', { args: [], returns: 'int', language: 'sql', body: 'SELECT 1' })
        b.grant('execute', { on: { function: 'f' }, to: 'PUBLIC' }).dropFunction('f', [])
      },
    ],
    ['the comment before', (b) => b.comment({ table: 't' }, 'new')],
    ['whether a table was logged', (b) => b.setLogged('t')],
    ['whether a table was unlogged', (b) => b.setUnlogged('t')],
  ]
  test.for(drops)('%s', ([, define]) => {
    expect(() => invertAll(recorded(define))).toThrow(IrreversibleError)
  })
})
