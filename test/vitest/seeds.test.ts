import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, inject, onTestFinished, test } from 'vitest'

import { installFixture } from './install-fixture.ts'
import { runVitest, type VitestRun } from './run-vitest.ts'

test.each([
  ['PGlite', () => ({ engine: 'pglite' })],
  ['PostgreSQL', () => ({ engine: 'postgres', url: inject('postgresAdminUrl') })],
] as const)(
  'seeds of test files are kept for other files and runs: %s',
  async (engine, options) => {
    const folder = await mkdtemp(join(tmpdir(), 'faasjs-pg-seeds-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const root = await installFixture('seeds')
    const env = {
      FAASJS_PG_CACHE: folder,
      FIXTURE_OPTIONS: JSON.stringify(options()),
      FIXTURE_OLDEST: '60',
    }
    const run = async (...args: string[]): Promise<VitestRun> => {
      const result = await runVitest(root, ['--maxWorkers=1', ...args], env)
      expect(result.output).not.toContain('FAIL')
      expect(result.exitCode).toBe(0)
      return result
    }

    const first = await run()
    expect(first.passed).toBe(11)
    const of = (name: string, { log }: VitestRun): string[] =>
      log.filter((line) => line.startsWith(name)).map((line) => line.slice(line.indexOf(' ')))
    expect(of('kept', first)).toHaveLength(2)
    expect(of('inner', first)).toHaveLength(3)
    expect(of('shared-a', first)).toHaveLength(2)
    // The second file has what the first one's seed has made.
    expect(of('shared-b', first)).toEqual(of('shared-a', first))

    const second = await run()
    expect(second.passed).toBe(11)
    expect(of('kept', second)).toEqual(of('kept', first))

    await writeFile(join(root, 'seeds/names.ts'), "export const NAME = 'edited'\n")
    await writeFile(
      join(root, 'src/db/migrations/20260102000000000-more.sql'),
      'CREATE TABLE a ();',
    )
    const third = await run('shared-a.spec.ts', 'kept.spec.ts')
    expect(of('shared-a', third)[0]).toContain('edited')
    // They were made on another baseline.
    expect(of('kept', third)).not.toEqual(of('kept', first))

    if (engine !== 'PGlite') return
    // Of two baselines; on a busy machine others take long enough as well.
    const kept = (await readdir(folder)).filter((name) => name.startsWith('seed-'))
    expect(kept.length).toBeGreaterThanOrEqual(2)
    const failed = await runVitest(root, ['failing.wrong.ts', '--config=wrong.config.ts'], env)
    expect(failed.passed).toBe(0)
    expect(failed.output).toContain('FAASJS_PG_SEED_FAILED  a seed of this test file failed')
    expect(failed.output).toMatch(/sql +INSERT INTO "nobody"/)
    expect(failed.output).toMatch(/why +relation "nobody" does not exist \(SQLSTATE 42P01\)/)
    expect(failed.output).toMatch(/failing\.wrong\.ts:7:/)
    expect(failed.output).toMatch(/FAASJS_PG_SEED_FAILED .*none\.sql/)
    expect(failed.output).toMatch(/FAASJS_PG_SEED_NOT_KEPT[^]*it uses "name", from outside of it/)
  },
)
