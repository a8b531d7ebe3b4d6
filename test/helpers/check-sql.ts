import { afterAll, beforeAll, expect } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { withMemory } from '../../src/operations/memory/schema-memory.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { compile } from '../../src/sql/compile.ts'
import { catalog, majorOf } from './catalog.ts'
import { expectTooOld, majorNeededBy } from './newer-features.ts'
import { emptyPGliteDatabase } from './pglite.ts'
import { freshDatabase } from './postgres.ts'

/** Opens PGlite and a real PostgreSQL for the tests of one file. */
export function useEngines(): { all: () => readonly Database[] } {
  const opened: Database[] = []
  let drop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const fresh = await freshDatabase()
    drop = fresh.drop
    opened.push(await emptyPGliteDatabase(), await openDatabase(fresh.url))
  })
  afterAll(async () => {
    for (const database of opened) await database.close()
    await drop?.()
  })
  return { all: () => opened }
}

export async function emptyDatabase(database: Database): Promise<void> {
  const { rows } = await database.query<{ drop: string }>(
    `SELECT 'DROP EVENT TRIGGER ' || quote_ident(evtname) AS drop FROM pg_event_trigger
     UNION ALL SELECT 'DROP PUBLICATION ' || quote_ident(pubname) FROM pg_publication
     UNION ALL SELECT 'DROP SCHEMA ' || quote_ident(nspname) || ' CASCADE' FROM pg_namespace
       WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`,
  )
  await database.run([...rows.map(({ drop }) => drop), 'CREATE SCHEMA public'])
}

/**
 * Says the SQL of what `define` records, after it has run on every engine, on top of `before`. Where
 * all of it can be undone, it is undone, and the catalog must be as it was.
 */
export async function checkSql(
  engines: readonly Database[],
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
  { undo = true }: { readonly undo?: boolean } = {},
): Promise<string> {
  expect(engines.length).toBeGreaterThan(1)
  let sql: string | undefined
  for (const database of engines) {
    await emptyDatabase(database)
    const recorded = new SchemaBuilder()
    define(recorded)
    const undone = (undo ? inverseOf(recorded.operations) : undefined)?.map(compile) ?? []
    const statements = [...before, ...recorded.toSQL(), ...undone]
    if ((await majorOf(database)) < majorNeededBy(statements)) {
      await expectTooOld(database, statements)
      continue
    }
    await database.run(before)
    const first = await catalog(database)

    const builder = new SchemaBuilder(database)
    define(builder)
    const { operations } = builder
    const said = builder.toSQL().join(';\n')
    expect(said).toBe(sql ?? said)
    sql = said
    await builder.run()

    const inverse = undo ? inverseOf(operations) : undefined
    if (inverse) {
      await database.run(inverse.map(compile))
      expect(await catalog(database), `undone on ${database.label}`).toEqual(first)
    }
  }
  return sql ?? ''
}

function inverseOf(operations: readonly Operation[]): readonly Operation[] | undefined {
  try {
    return invertAll(withMemory(operations))
  } catch (error) {
    if (error instanceof IrreversibleError) return undefined
    throw error
  }
}
