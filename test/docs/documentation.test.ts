import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import fastGlob from 'fast-glob'
import { transformSync } from 'oxc-transform'
import { x } from 'tinyexec'
import { expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { rawSql, sql } from '../../src/builder/sql-fragment.ts'
import { emptyPGliteDatabase } from '../helpers/pglite.ts'

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

const pages = fastGlob.sync(['README.md', 'docs/**/*.md'])

test('every TypeScript block compiles', async () => {
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

test.for(['docs/schema-builder.md', ...fastGlob.sync('docs/schema-builder/*.md')])(
  '%s runs, block after block',
  async (page) => {
    const database = await emptyPGliteDatabase()
    try {
      for (const { place, code } of await blocks(page)) {
        // A block with imports is a module of its own, which is only compiled.
        if (/^import /m.test(code)) continue
        const builder = new SchemaBuilder(database)
        const { code: javascript } = transformSync('block.ts', code)
        const problems: unknown[] = []
        const console = { assert: (isTrue: boolean): unknown => isTrue || problems.push(code) }
        // oxlint-disable-next-line typescript/no-implied-eval -- documentation is code here
        new Function('builder', 'sql', 'rawSql', 'console', javascript)(
          builder,
          sql,
          rawSql,
          console,
        )
        expect(problems, place).toEqual([])
        expect(builder.operations.length, place).toBeGreaterThan(0)
        await expect(builder.run(), place).resolves.toBeUndefined()
      }
    } finally {
      await database.close()
    }
  },
)

test('every relative link leads somewhere', async () => {
  for (const page of [...pages, 'CONTRIBUTING.md']) {
    const text = await readFile(page, 'utf8')
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      const target = resolve(page, '..', link)
      await expect(readFile(target), `${page} → ${link}`).resolves.toBeDefined()
    }
  }
})
