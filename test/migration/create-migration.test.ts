import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { createMigration } from '../../src/migration/create-migration.ts'
import { kebabName, timestampOf } from '../../src/migration/template.ts'
import { createProject } from './project.ts'

const NOW = new Date('2026-01-02T09:08:07.065Z')

test('writes <17 digits UTC>-<kebab-name>.ts with an empty up', async () => {
  const { folder } = createProject()
  const created = await createMigration('create-users', folder, NOW)
  expect(created).toEqual({
    name: '20260102090807065-create-users',
    path: join(folder, '20260102090807065-create-users.ts'),
    isPostdated: false,
  })
  expect(readFileSync(created.path, 'utf8')).toMatchInlineSnapshot(`
    "import type { SchemaBuilder } from '@faasjs/pg'

    export function up(builder: SchemaBuilder) {
    }

    // "down" is derived from "up". Where it cannot be, write it:
    // export function down(builder: SchemaBuilder) {}
    "
  `)
})

test('creates the folder', async () => {
  const { root } = createProject()
  const created = await createMigration('x', join(root, 'a/b/c'), NOW)
  expect(existsSync(created.path)).toBe(true)
})

test('a pattern of folders is refused', async () => {
  const { root } = createProject()
  await expect(createMigration('x', join(root, '*/migrations'), NOW)).rejects.toMatchObject({
    code: 'FAASJS_PG_BAD_OPTION',
    fix: 'npx faasjs-pg new x --folder src/db/migrations',
  })
})

test('never sorts before the newest migration, whatever the clock says', async () => {
  const { folder } = createProject({
    '20270101000000999-from-the-future.ts': '',
    '20260102090807065-a.ts': '',
    '001_old_style.ts': '',
  })
  const created = await createMigration('b', folder, NOW)
  expect(created).toMatchObject({ name: '20270101000001000-b', isPostdated: true })
})

test('two in one millisecond get two names, in order', async () => {
  const { folder } = createProject()
  const first = await createMigration('b', folder, NOW)
  const second = await createMigration('a', folder, NOW)
  expect(second.name > first.name).toBe(true)
  expect(second.isPostdated).toBe(true)
})

test('digits that are no date are no date', async () => {
  const { folder } = createProject({ '99999999999999999-x.ts': '' })
  expect(await createMigration('b', folder, NOW)).toMatchObject({ isPostdated: false })
})

test('timestampOf writes UTC to the millisecond', () => {
  expect(timestampOf(new Date('2026-12-31T23:59:59.009Z'))).toBe('20261231235959009')
})

describe('kebabName', () => {
  test.each([
    ['add-email', 'add-email'],
    ['AddEmailToUsers', 'add-email-to-users'],
    ['add email  to users', 'add-email-to-users'],
    ['add_email_to_users', 'add-email-to-users'],
    ['parseHTTPHeader2Go', 'parse-http-header2-go'],
    ['--odd__ name!', 'odd-name'],
    ['été', 'été'],
    ['v1.2', 'v1-2'],
  ])('%s becomes %s', (name, kebab) => {
    expect(kebabName(name)).toBe(kebab)
  })

  test.each([
    ['', 'npx faasjs-pg new add-email'],
    ['   ', 'npx faasjs-pg new add-email'],
    ['???', 'npx faasjs-pg new add-email'],
    ['a/b', 'npx faasjs-pg new a-b'],
    ['..\\b', 'npx faasjs-pg new b'],
    ['add-email.ts', 'npx faasjs-pg new add-email'],
    ['add-email.mjs', 'npx faasjs-pg new add-email'],
    ['x'.repeat(240), `npx faasjs-pg new ${'x'.repeat(40)}`],
    ['字'.repeat(80), `npx faasjs-pg new ${'字'.repeat(40)}`],
  ])('%j is refused with a name that works', async (name, fix) => {
    expect(() => kebabName(name)).toThrowError(
      expect.objectContaining({ code: 'FAASJS_PG_BAD_MIGRATION_NAME', fix }),
    )
    expect(() => kebabName(fix.replace('npx faasjs-pg new ', ''))).not.toThrow()
  })

  test('the longest name that is taken fits a file system', async () => {
    const { folder } = createProject()
    const { path } = await createMigration('x'.repeat(234), folder, NOW)
    expect(existsSync(path)).toBe(true)
    expect(() => kebabName('x'.repeat(235))).toThrow('cannot be the name')
  })
})
