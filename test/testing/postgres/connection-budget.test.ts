import { expect, test } from 'vitest'

import { assertConnections } from '../../../src/testing/postgres/connection-budget.ts'
import type { ServerFacts } from '../../../src/testing/postgres/server-facts.ts'

const facts = { maxConnections: 20, freeConnections: 11 } as ServerFacts

test('what fits is fine', () => {
  expect(() => assertConnections(facts, { workers: 5 })).not.toThrow()
  expect(() => assertConnections(facts, { workers: 1, connections: 10 })).not.toThrow()
})

test('what does not fit is an error with the numbers', () => {
  expect(() => assertConnections(facts, { workers: 4, connections: 3 }))
    .toThrowErrorMatchingInlineSnapshot(`
    [ConfigError: FAASJS_PG_TOO_FEW_CONNECTIONS  the test server has room for 12 connections, and this run needs 17
      why  4 workers × (3 of the application + 1 for resets) + 1; max_connections is 20
      fix  run fewer workers (--maxWorkers=2), or raise max_connections to 25]
  `)
  expect(() => assertConnections(facts, { workers: 1, connections: 50 })).toThrow(
    'raise max_connections to 60',
  )
})
