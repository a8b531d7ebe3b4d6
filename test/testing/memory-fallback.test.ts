import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'

import { sharedEngineParts } from '../../src/testing/pglite/engine-parts.ts'
import { isKnownVersion, saveState } from '../../src/testing/pglite/memory-restore.ts'
import { snapshotOf, startHost } from './helpers.ts'

vi.mock(import('../../src/testing/pglite/memory-restore.ts'), async (original) => {
  const actual = await original()
  return { ...actual, saveState: vi.fn(actual.saveState) }
})

const snapshot = snapshotOf('create table things (id serial primary key)')

/** A host on a PGlite that calls itself so, after a test that changed the schema. */
async function resetOn(version: string): Promise<{ kind: string; warnings: unknown[] }> {
  const warnings: unknown[] = []
  const parts = { ...(await sharedEngineParts()), version }
  const { host, url } = await startHost(snapshot, {
    material: async () => ({ snapshot: await snapshot, parts }),
    onBooted: (warning) => warnings.push(warning),
  })
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('create table more (id int); insert into things default values')
  const { kind } = await host.reset('after a change of the schema')
  const { rows } = await client.query(
    `select to_regclass('more') as more, (select count(*)::int from things) as things,
      (select count(*)::int from pg_roles where rolname ~ '^faasjs') as roles`,
  )
  expect(rows).toEqual([{ more: null, things: 0, roles: 0 }])
  return { kind, warnings }
}

test('versions it was tried with', () => {
  expect(['0.5.14', '0.5.16', '0.5.20'].every(isKnownVersion)).toBe(true)
  expect(['0.5.13', '0.6.0', '1.0.0', '0.5.16-next.1', ''].some(isKnownVersion)).toBe(false)
})

test('an unknown version that passes the test at its start is used as any other', async () => {
  expect(await resetOn('9.9.9')).toEqual({ kind: 'full', warnings: [undefined] })
})

test.each([
  ['does nothing', () => true],
  ['refuses', () => false],
  [
    'breaks down',
    () => {
      throw new Error('out of bounds')
    },
  ],
])(
  'an unknown version whose restore %s: a new database instead, and it is said',
  async (_, lie) => {
    vi.mocked(saveState).mockReturnValue(lie)
    onTestFinished(() => void vi.mocked(saveState).mockReset())
    expect(await resetOn('9.9.9')).toEqual({
      kind: 'rebuild',
      warnings: Array(2).fill('the memory of PGlite 9.9.9 could not be restored in a test'),
    })
  },
)

test('a known version whose restore breaks down: a new database instead', async () => {
  vi.mocked(saveState).mockReturnValue(() => {
    throw new Error('out of bounds')
  })
  onTestFinished(() => void vi.mocked(saveState).mockReset())
  expect(await resetOn('0.5.16')).toMatchObject({ kind: 'rebuild' })
})

test('a known version whose memory is made otherwise: a new database as well', async () => {
  vi.mocked(saveState).mockReturnValue(undefined)
  onTestFinished(() => void vi.mocked(saveState).mockReset())
  expect(await resetOn('0.5.16')).toEqual({
    kind: 'rebuild',
    warnings: Array(2).fill('the memory of PGlite 0.5.16 cannot be saved'),
  })
})
