import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import * as library from '../../src/index.ts'
import { MigrationDb } from '../../src/migration/migration-db.ts'

const OWNERS: Readonly<Record<string, object>> = {
  builder: library.SchemaBuilder.prototype,
  table: library.TableBuilder.prototype,
  db: MigrationDb.prototype,
}

/** The code of the right-hand columns. */
async function promised(): Promise<string[]> {
  const page = await readFile('docs/coming-from.md', 'utf8')
  const cells = [...page.matchAll(/^\|(?:[^|\n]|\\\|)*\|([^|\n]*)\|$/gm)].map(([, cell]) => cell)
  return cells.flatMap((cell = '') =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? ''),
  )
}

test('every call that the page promises is there', async () => {
  const code = await promised()
  expect(code.length).toBeGreaterThan(60)
  const calls = code.flatMap((text) => [...text.matchAll(/(?<![\w.])(\w+)\.(\w+)\(/g)])
  expect(calls.length).toBeGreaterThan(50)
  const missing = calls.filter(([, owner = '', name = '']) => {
    const methods = OWNERS[owner]
    return owner !== 'auth' && !(methods && name in methods)
  })
  expect(missing.map(([call]) => call)).toEqual([])

  const chained = code.flatMap((text) => [...text.matchAll(/\)\.(\w+)\(/g)])
  expect(chained.filter(([, name = '']) => !(name in library.ColumnBuilder.prototype))).toEqual([])
  const functions = code.flatMap((text) => [...text.matchAll(/^(\w+)\(/g)])
  expect(functions.map(([, name = '']) => name).filter((name) => !(name in library))).toEqual([
    'up',
  ])
})
