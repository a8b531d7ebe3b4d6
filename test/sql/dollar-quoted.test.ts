import { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'

import { dollarQuoted } from '../../src/sql/dollar-quoted.ts'

const server = new PGlite()
afterAll(() => server.close())

test('a tag that the text does not hold', () => {
  expect(dollarQuoted('SELECT $1', 'body')).toBe('$body$SELECT $1$body$')
  expect(dollarQuoted('$body$', 'body')).toBe('$body2$$body$$body2$')
  expect(dollarQuoted('$body2 and $body', 'body')).toBe('$body3$$body2 and $body$body3$')
})

test('the server reads what was written, whatever it is', async () => {
  const part = fc.constantFrom('$', 'body', '2', 'b', "'", '"', '\\', '\n', ';', '--', '/*', 'ä')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(part), { minLength: 1 }), async (list) => {
      const texts = list.map((parts) => parts.join(''))
      const quoted = texts.map((text) => dollarQuoted(text, 'body'))
      const { rows } = await server.query<{ texts: string[] }>(
        `SELECT ARRAY[${quoted.join(', ')}] AS texts`,
      )
      expect(rows[0]?.texts).toEqual(texts)
    }),
    { numRuns: 100 },
  )
})
