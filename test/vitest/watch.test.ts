import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { installFixture } from './install-fixture.ts'
import { outerEnv } from './run-vitest.ts'

const FIRST = 'src/db/migrations/20260101000000000-create-things.ts'
const SECOND = 'src/db/migrations/20260102000000000-create-more.ts'

async function startWatching(root: string): Promise<{ log: () => Promise<string[]> }> {
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
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  onTestFinished(async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
  })
  return {
    log: async () => (await readFile(logFile, 'utf8').catch(() => '')).split('\n').filter(Boolean),
  }
}

test('editing, adding and renaming a migration runs the tests again, on a new database', async () => {
  const root = await installFixture('watch')
  const { log } = await startWatching(root)
  const seen = (lines: string[]): Promise<void> =>
    expect.poll(log, { timeout: 50_000, interval: 100 }).toEqual(lines)
  const lines = ['migrated', 'tables things']
  await seen(lines)

  const source = await readFile(join(root, FIRST), 'utf8')
  await writeFile(join(root, FIRST), source.replace("'things'", "'others'"))
  lines.push('migrated', 'tables others')
  await seen(lines)

  await writeFile(join(root, SECOND), source.replace("'things'", "'more'"))
  // The one before it has been applied already.
  lines.push('migrated', 'tables more others')
  await seen(lines)

  await rename(join(root, SECOND), join(root, SECOND.replace('more', 'most')))
  lines.push('migrated', 'tables more others')
  await seen(lines)
})
