import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { installFixture } from './install-fixture.ts'
import { runVitest } from './run-vitest.ts'

/** The setup file of the documentation, as it is written there. */
async function setupOfDocs(): Promise<string> {
  const text = await readFile('docs/testing.md', 'utf8')
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = '']) => code)
  const found = blocks.filter((code) => code.includes('vi.doMock'))
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}

test('the setup file of the documentation puts pg-mem in the place of pg', async () => {
  const root = await installFixture('pg-mem')
  await writeFile(join(root, 'setup.ts'), await setupOfDocs())
  for (const args of [[], ['--no-isolate', '--maxWorkers=1']]) {
    const run = await runVitest(root, args)
    expect(run.output).not.toContain('FAIL')
    expect(run, args.join(' ')).toMatchObject({ exitCode: 0, passed: 4 })
  }
})
