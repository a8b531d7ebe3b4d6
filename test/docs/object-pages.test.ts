import { readFile } from 'node:fs/promises'

import { transformSync } from 'oxc-transform'
import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { rawSql, sql } from '../../src/builder/sql-fragment.ts'
import { commentDescribers } from '../../src/operations/describe/comments.ts'
import { eventTriggerDescribers } from '../../src/operations/describe/event-triggers.ts'
import { privilegeDescribers } from '../../src/operations/describe/privileges.ts'
import { publicationDescribers } from '../../src/operations/describe/publications.ts'
import { routineDescribers } from '../../src/operations/describe/routines.ts'
import { schemaDescribers } from '../../src/operations/describe/schemas.ts'
import { securityDescribers } from '../../src/operations/describe/security.ts'
import { triggerDescribers } from '../../src/operations/describe/triggers.ts'
import { viewDescribers } from '../../src/operations/describe/views.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { withMemory } from '../../src/operations/memory/schema-memory.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { compile } from '../../src/sql/compile.ts'
import { catalog } from '../helpers/catalog.ts'
import { emptyPGliteDatabase } from '../helpers/pglite.ts'

const PAGES = {
  schemas: {
    ...schemaDescribers,
    ...commentDescribers,
    ...publicationDescribers,
    ...eventTriggerDescribers,
  },
  views: viewDescribers,
  routines: { ...routineDescribers, ...triggerDescribers },
  security: { ...securityDescribers, ...privilegeDescribers },
} as const

/** What stands below a block: its SQL, and the SQL that undoes it. */
function told(operations: readonly Operation[]): string {
  const statements = (list: readonly Operation[]): string[] =>
    list.map((operation) => `${compile(operation)};`)
  return [
    '-- up',
    ...statements(operations),
    '-- down',
    ...statements(invertAll(withMemory(operations))),
    '',
  ].join('\n')
}

describe.each(Object.entries(PAGES))('docs/schema-builder/%s.md', (name, describers) => {
  const page = (): Promise<string> => readFile(`docs/schema-builder/${name}.md`, 'utf8')

  test('has a heading for each kind', async () => {
    const headings = [...(await page()).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(expect.arrayContaining(Object.keys(describers)))
  })

  test('runs, is undone and done again, with the SQL that it shows', async () => {
    const database = await emptyPGliteDatabase()
    try {
      const blocks = [
        ...(await page()).matchAll(/^```ts\n([\s\S]*?)^```\n\n```sql\n([\s\S]*?)^```/gm),
      ]
      expect(blocks.length).toBeGreaterThanOrEqual(Object.keys(describers).length)
      const before = await catalog(database)
      const all: Operation[] = []
      for (const [, code = '', written] of blocks) {
        const builder = new SchemaBuilder(database)
        const { code: javascript } = transformSync('block.ts', code)
        // oxlint-disable-next-line typescript/no-implied-eval -- documentation is code here
        new Function('builder', 'sql', 'rawSql', javascript)(builder, sql, rawSql)
        expect(written).toBe(told(builder.operations))
        all.push(...withMemory(builder.operations))
        await builder.run()
      }
      const after = await catalog(database)
      const undo = invertAll(all)
      await database.run(undo.map(compile))
      expect(await catalog(database)).toEqual(before)
      await database.run(invertAll(undo).map(compile))
      expect(await catalog(database)).toEqual(after)
    } finally {
      await database.close()
    }
  })
})
