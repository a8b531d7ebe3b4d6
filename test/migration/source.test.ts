import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import { expect, test } from 'vitest'

import { findMigrations } from '../../src/migration/source.ts'
import { createProject } from './project.ts'

test('finds modules only, named without extension', async () => {
  const { folder } = createProject({
    '1-a.ts': '',
    '2-b.mts': '',
    '3-c.cts': '',
    '4-d.js': '',
    '5-e.mjs': '',
    '6-f.cjs': '',
    '7.two.dots.ts': '',
    '1-a.d.ts': '',
    '2-b.d.mts': '',
    '3-c.d.cts': '',
    '1-a.test.ts': '',
    '1-a.spec.js': '',
    '.hidden.ts': '',
    'README.md': '',
    'notes.txt': '',
    'data.json': '',
    'lib/helper.ts': '',
  })
  mkdirSync(join(folder, 'folder.ts'))
  const files = await findMigrations(folder)
  expect(files.map(({ name }) => name)).toEqual([
    '1-a',
    '2-b',
    '3-c',
    '4-d',
    '5-e',
    '6-f',
    '7.two.dots',
  ])
  expect(files[0]?.path).toBe(join(folder, '1-a.ts'))
})

test('sorts by code unit, whatever the locale says', async () => {
  const names = ['10', '9', 'B', 'a', 'ä', 'Z', '_', '20260101000000000-x', '😀', '\uFF5E']
  const { folder } = createProject(Object.fromEntries(names.map((name) => [`${name}.ts`, ''])))
  const files = await findMigrations(folder)
  expect(files.map(({ name }) => name)).toEqual(names.toSorted())
})

test('an empty folder has no migrations', async () => {
  const { folder } = createProject()
  expect(await findMigrations(folder)).toEqual([])
})

test('takes the folder literally, relative or through a link', async () => {
  const { root } = createProject()
  const folder = join(root, '(odd) [folder] {a,b} *')
  mkdirSync(folder)
  writeFileSync(join(folder, '1.ts'), '')
  symlinkSync(folder, join(root, 'link'))
  expect(await findMigrations(relative(process.cwd(), folder))).toEqual([
    { name: '1', path: join(folder, '1.ts') },
  ])
  expect(await findMigrations(join(root, 'link'))).toHaveLength(1)
})

test('a pattern takes several folders together, as one list', async () => {
  const { root, write } = createProject({ '2.ts': '', '../../a/migrations/1.ts': '' })
  write({ '../../b/migrations/3.ts': '', '../../b/migrations/deeper/4.ts': '' })
  const files = await findMigrations(join(root, 'src/{a,b,db}/migrations'))
  expect(files).toEqual([
    { name: '1', path: join(root, 'src/a/migrations/1.ts') },
    { name: '2', path: join(root, 'src/db/migrations/2.ts') },
    { name: '3', path: join(root, 'src/b/migrations/3.ts') },
  ])
  write({ '../../a/migrations/2.mjs': '' })
  await expect(findMigrations(join(root, 'src/*/migrations'))).rejects.toMatchObject({
    code: 'FAASJS_PG_DUPLICATE_MIGRATION',
  })
  await expect(findMigrations(join(root, 'nowhere/*'))).rejects.toMatchObject({
    code: 'FAASJS_PG_FOLDER_NOT_FOUND',
  })
})

test('a linked file is a migration, even if it is gone; a linked folder is not', async () => {
  const { root, folder } = createProject()
  writeFileSync(join(root, 'elsewhere.ts'), '')
  symlinkSync(join(root, 'elsewhere.ts'), join(folder, '1.ts'))
  symlinkSync(root, join(folder, '2.ts'))
  symlinkSync(join(root, 'gone.ts'), join(folder, '3.ts'))
  expect((await findMigrations(folder)).map(({ name }) => name)).toEqual(['1', '3'])
})

test('a missing folder is an error with its absolute path and the way on', async () => {
  const { root } = createProject()
  const folder = join(root, 'nowhere')
  await expect(findMigrations(relative(process.cwd(), folder))).rejects.toMatchObject({
    code: 'FAASJS_PG_FOLDER_NOT_FOUND',
    summary: `migration folder not found: ${folder}`,
    fix: expect.stringContaining('npx faasjs-pg new'),
  })
})

test('a file in place of the folder is an error that says so', async () => {
  const { folder } = createProject({ 'a.ts': '' })
  await expect(findMigrations(join(folder, 'a.ts'))).rejects.toMatchObject({
    code: 'FAASJS_PG_FOLDER_NOT_FOUND',
    why: 'this path is a file',
  })
})

test('one name twice is an error with both files', async () => {
  const { folder } = createProject({ '1-a.ts': '', '1-a.js': '', '2-b.ts': '' })
  await expect(findMigrations(folder)).rejects.toMatchObject({
    code: 'FAASJS_PG_DUPLICATE_MIGRATION',
    details: { migration: '1-a', files: [join(folder, '1-a.js'), join(folder, '1-a.ts')] },
  })
})
