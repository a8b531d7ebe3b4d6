import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { installFixture } from '../install-fixture.ts'
import { outerEnv } from '../run-vitest.ts'

const FIRST = 'src/db/migrations/20260101000000000-create-things.ts'
const SECOND = 'src/db/migrations/20260102000000000-create-more.ts'
const THIRD = SECOND.replace('more', 'most')
const HELPER = 'src/helpers/table-name.ts'
const SEED = 'src/db/seeds/test.ts'
const OWN_SEED = 'test/seeds/own.ts'
const OWN_TABLE = 'test/seeds/table.ts'
const ROWS = 'src/db/seeds/rows.ts'

interface Watching {
  /** Waits until the fixture has written these lines since the last call. */
  readonly sees: (...lines: string[]) => Promise<void>
  /** Waits until Vitest has printed this since the last call. */
  readonly says: (text: string) => Promise<void>
}

async function startWatching(root: string): Promise<Watching> {
  const logFile = join(root, 'run.log')
  const env = {
    ...outerEnv(),
    NO_COLOR: '1',
    FIXTURE_LOG: logFile,
    FAASJS_PG_CACHE: join(root, 'cache'),
  }
  const child = spawn(process.execPath, ['watch.mjs'], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  }
  onTestFinished(async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
  })
  const all: string[] = []
  const log = async (): Promise<string[]> =>
    (await readFile(logFile, 'utf8').catch(() => '')).split('\n').filter(Boolean)
  const patience = { timeout: 50_000, interval: 50 }
  return {
    sees: async (...lines) => {
      all.push(...lines)
      await expect.poll(log, patience).toEqual(all)
    },
    says: async (text) => {
      await expect.poll(() => output, patience).toContain(text)
      output = ''
    },
  }
}

test(
  'E8 a migration or a seed is edited, added, renamed or deleted in watch mode: what must rerun does, on one new build',
  {
    timeout: 240_000,
  },
  async () => {
    const root = await installFixture('watch')
    const write = async (path: string, text: string): Promise<void> => {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    await write(HELPER, `export const name = 'things'\n`)
    await write(ROWS, 'export const rows = 1\n')
    await write(
      SEED,
      `import { rows } from './rows.ts'
export default async (db) => {
  await db.raw('create table seeded_' + rows + ' ()')
}
`,
    )
    const source = await readFile(join(root, FIRST), 'utf8')
    const importing = source
      .replace("'things'", 'name')
      .replace('import', `import { name } from '../../helpers/table-name.ts'\nimport`)
    await write(FIRST, importing)
    await write(
      'vitest.config.ts',
      (await readFile(join(root, 'vitest.config.ts'), 'utf8')).replace(
        'Plugin()',
        `Plugin({ seed: '${SEED}' })`,
      ),
    )
    const { sees, says } = await startWatching(root)
    await sees('migrated', 'tables seeded_1 things')

    await write(HELPER, `export const name = 'others'\n`)
    await sees('migrated', 'tables others seeded_1')
    await says(`[@faasjs/pg] edited ${HELPER}: test databases are made anew`)

    await write(SECOND, source.replace("'things'", "'more'"))
    // The one before it has been applied already.
    await sees('migrated', 'tables more others seeded_1')
    await says(`[@faasjs/pg] added ${SECOND}: `)

    await rename(join(root, SECOND), join(root, THIRD))
    await sees('migrated', 'tables more others seeded_1')
    await says(`[@faasjs/pg] renamed ${SECOND} to ${THIRD}: `)

    await write(ROWS, 'export const rows = 2\n')
    // No migration ran.
    await sees('tables more others seeded_2')
    await says(`[@faasjs/pg] edited ${ROWS}: `)

    await rm(join(root, THIRD))
    await sees('tables others seeded_2')
    await says(`[@faasjs/pg] deleted ${THIRD}: `)

    await write(FIRST, source.replace("'things'", "'again'"))
    await sees('migrated', 'tables again seeded_2')
    await says(`[@faasjs/pg] edited ${FIRST}: `)

    // A test that is edited brings no new database along.
    const spec = await readFile(join(root, 'count.spec.ts'), 'utf8')
    await write('count.spec.ts', spec.replace('`tables ', '`edited, tables '))
    await sees('edited, tables again seeded_2')

    // The seed of one file, and what that imports.
    await write(OWN_TABLE, `export const table = 'own_1'\n`)
    await write(
      OWN_SEED,
      `import { table } from './table.ts'
export const seed = (db) => db.raw('create table ' + table + ' ()')
`,
    )
    const seeded = `import { seed } from '@faasjs/pg/vitest'\nseed('${OWN_SEED}')\n`
    await write('count.spec.ts', seeded + spec)
    await sees('tables again own_1 seeded_2')
    await write(OWN_TABLE, `export const table = 'own_2'\n`)
    await sees('tables again own_2 seeded_2')
  },
)

test('E39 the configuration is edited while Vitest watches: it restarts with databases, time and again', async () => {
  const root = await installFixture('watch')
  const path = join(root, 'vitest.config.ts')
  const { sees } = await startWatching(root)
  await sees('migrated', 'tables things')
  for (let round = 1; round <= 2; round++) {
    await writeFile(path, `${await readFile(path, 'utf8')}\n// ${round}\n`)
    await sees('tables things')
  }
})
