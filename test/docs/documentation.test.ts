import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import fastGlob from 'fast-glob'
import { x } from 'tinyexec'
import { expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { emptyPGliteDatabase } from '../helpers/pglite.ts'
import { anchor, runCall } from './reference-page.ts'

interface Block {
  readonly place: string
  readonly code: string
}

async function blocks(file: string): Promise<Block[]> {
  const text = await readFile(file, 'utf8')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => ({
    place: `${file}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1] ?? '',
  }))
}

/** The examples in the comments of the builder, and what they lean on. */
async function examples(): Promise<Block[]> {
  const files = fastGlob.sync(['src/builder/**/*.ts', 'src/migration/migration-db.ts'])
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, 'utf8')
      return [...text.matchAll(/^ +\* ```ts\n((?: +\*.*\n)*?) +\* ```$/gm)].map((match) => ({
        place: `${file}:${text.slice(0, match.index).split('\n').length}`,
        code: (match[1] ?? '').replaceAll(/^ +\* ?/gm, ''),
      }))
    }),
  )
  return found.flat()
}

const IN_EXAMPLES = `import { defineTable, rawSql, sql, SchemaBuilder, type MigrationContext, type TableBuilder } from '@faasjs/pg'
declare const { builder, table, db }: { builder: SchemaBuilder; table: TableBuilder; db: MigrationContext['db'] }
void [defineTable, rawSql, sql, SchemaBuilder, builder, table, db]
export async function example(): Promise<void> {
`

const pages = fastGlob.sync(['README.md', 'docs/**/*.md'])

test('every TypeScript block compiles, and every example of a comment', async () => {
  const folder = await mkdtemp(join(resolve('node_modules'), '.documentation-'))
  try {
    const all = (await Promise.all(pages.map(blocks))).flat()
    expect(all.length).toBeGreaterThan(10)
    const files = all.map(({ place, code }) => {
      const name = `${place.replaceAll(/\W/g, '_')}.mts`
      const header = /^import /m.test(code)
        ? `// ${place}\nexport {}\n`
        : `// ${place}\nimport { rawSql, sql, type SchemaBuilder } from '@faasjs/pg'\ndeclare const builder: SchemaBuilder\nvoid [rawSql, sql]\n`
      return { name, text: header + code }
    })
    for (const { place, code } of await examples()) {
      const name = `${place.replaceAll(/\W/g, '_')}.mts`
      files.push({ name, text: `// ${place}\n${IN_EXAMPLES}${code}}\n` })
    }
    for (const { name, text } of files) await writeFile(join(folder, name), text)
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: resolve('test/tsconfig.json'),
        compilerOptions: {
          rootDir: '/',
          noPropertyAccessFromIndexSignature: false,
          noUnusedLocals: false,
          types: ['node'],
        },
        include: ['*.mts'],
        exclude: [],
      }),
    )
    const { stdout } = await x(resolve('node_modules/.bin/tsc'), [
      '-p',
      folder,
      '--pretty',
      'false',
    ])
    expect(stdout).toBe('')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the guide runs, block after block', async () => {
  const database = await emptyPGliteDatabase()
  try {
    for (const { place, code } of await blocks('docs/schema-guide.md')) {
      // A block with imports is a module of its own, which is only compiled.
      if (/^import /m.test(code)) continue
      const builder = new SchemaBuilder(database)
      const problems: unknown[] = []
      const console = { assert: (isTrue: boolean): unknown => isTrue || problems.push(code) }
      runCall(code, builder, console)
      expect(problems, place).toEqual([])
      expect(builder.operations.length, place).toBeGreaterThan(0)
      await expect(builder.run(), place).resolves.toBeUndefined()
    }
  } finally {
    await database.close()
  }
})

test('every relative link leads somewhere', async () => {
  for (const page of [...pages, 'CONTRIBUTING.md']) {
    const text = await readFile(page, 'utf8')
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [file = '', heading] = link.split('#')
      const target = file === '' ? page : resolve(page, '..', file)
      await expect(readFile(target), `${page} → ${link}`).resolves.toBeDefined()
      if (heading === undefined) continue
      const headings = (await readFile(target, 'utf8')).matchAll(/^#+ (.*)$/gm)
      const anchors = [...headings].map(([, title = '']) => anchor(title))
      expect(anchors, `${page} → ${link}`).toContain(heading)
    }
  }
})
