import { describe, test } from 'vitest'

import type { Database, Engine } from '../../src/database/database.ts'
import { useEngines } from '../helpers/check-sql.ts'
import { everyChange } from './changes/every-change.ts'
import { outsideChanges } from './changes/outside-changes.ts'
import { tableChanges } from './changes/table-changes.ts'
import { checkProperty } from './check-property.ts'

const engines = useEngines()
const cases = Number(process.env['PROPERTY_RUNS'] ?? 1000)
// Long sweeps take their time, and so does a loaded machine.
const timeout = 600_000 + cases * 1_000
const replay = 'test/property/undo.test.ts -t'

function on(engine: Engine): Database {
  const database = engines.all().find((one) => one.engine === engine)
  if (!database) throw new Error(`${engine} is not open`)
  return database
}

describe('what random changes do, their inverse undoes, and they do again', () => {
  // The server takes part for what it may do otherwise, not to find more.
  test.each([
    ['pglite', cases],
    ['postgres', Math.ceil(cases / 10)],
  ] as const)('on %s', { timeout }, async (engine, numRuns) => {
    await checkProperty(on(engine), {
      changes: everyChange,
      // One transaction that is rolled back is the fastest.
      transactions: ['one', 'one', 'one', 'one', 'each'],
      numRuns,
      replay: `${replay} "again on ${engine}"`,
    })
  })

  test.each([
    ['pglite', Math.ceil(cases / 20)],
    ['postgres', Math.ceil(cases / 40)],
  ] as const)('outside a transaction, on %s', { timeout }, async (engine, numRuns) => {
    await checkProperty(on(engine), {
      changes: [...outsideChanges, ...outsideChanges, ...tableChanges],
      transactions: ['none'],
      numRuns,
      replay: `${replay} "outside a transaction, on ${engine}"`,
    })
  })
})
