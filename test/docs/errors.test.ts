import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { ERROR_CODES } from '../../src/errors.ts'

test('docs/errors.md lists every code, under the class that carries it', () => {
  const text = readFileSync('docs/errors.md', 'utf8')
  const listed: Record<string, string[]> = {}
  for (const section of text.split(/^## /m).slice(1)) {
    const [, name = ''] = /^`?(\w+)`?/.exec(section) ?? []
    listed[name] = [...section.matchAll(/^### FAASJS_PG_(\w+)/gm)].map(([, code = '']) => code)
  }
  expect(listed).toEqual(ERROR_CODES)
})
