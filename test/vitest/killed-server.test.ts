import { existsSync } from 'node:fs'

import { x } from 'tinyexec'
import { expect, inject, test } from 'vitest'

import { runVitest } from './run-vitest.ts'

interface Killed {
  readonly folder: string
  readonly segment: string
}

test('a private server that ends is replaced for the next test, and named by the failure', async () => {
  const run = await runVitest('killed-server', ['--maxWorkers=1'], {
    FIXTURE_OPTIONS: JSON.stringify({ report: 'verbose' }),
  })
  expect(run).toMatchObject({ exitCode: 1, failed: 2, passed: 6 })
  const failed = run.tests.find(({ title }) => title === 'fails, as its server is killed')
  expect(failed?.status).toBe('failed')
  // What the client says, and why.
  expect(failed?.failureMessages).toMatchObject([
    expect.stringMatching(/terminat/),
    expect.stringMatching(
      /FAASJS_PG_SERVER_ENDED .* "fails, as its server is killed" ran[^]*ended by signal 9/,
    ),
  ])
  const outages = run.output.match(/the private PostgreSQL ended while ".*" ran/g)
  expect(outages?.map((line) => / > (.*)"/.exec(line)?.[1]).toSorted()).toEqual([
    'begins with the rows of a seed',
    'does not mind that somebody sends SIGINT to a server',
    'does not mind that somebody sends SIGKILL to a session',
    'does not mind that somebody sends SIGQUIT to a server',
    'fails, as its server is killed',
  ])
  const seeded = run.tests.find(({ title }) => title === 'is not run without them')
  expect(seeded?.failureMessages).toEqual([
    expect.stringContaining('FAASJS_PG_SNAPSHOT_UNUSABLE  the rows that seed() has made'),
  ])
  expect(run.output).toMatch(
    inject('postgresMajor') < 14
      ? /because of crash of another server process[^]*database system is shut down/
      : /shutting down because "?restart_after_crash"? is off/,
  )

  const killed = run.log
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Killed)
  // At the same place each time.
  expect(new Set(killed.map(({ folder }) => folder)).size).toBe(1)
  expect(killed.filter(({ folder }) => existsSync(folder))).toEqual([])
  const { stdout } = await x('ipcs', ['-m'])
  const segments = stdout.split('\n').map((line) => line.split(/\s+/)[1])
  expect(killed.filter(({ segment }) => segments.includes(segment))).toEqual([])
})
