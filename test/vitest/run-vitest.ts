import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { x } from 'tinyexec'

/** The command of the Vitest that this package is developed with. */
export const VITEST: string = fileURLToPath(
  new URL('../../node_modules/vitest/vitest.mjs', import.meta.url),
)

export interface VitestRun {
  readonly exitCode: number | undefined
  /** Everything that was printed. */
  readonly output: string
  /** Lines that the fixture wrote to `process.env.FIXTURE_LOG`. */
  readonly log: readonly string[]
  readonly passed: number
  readonly failed: number
  readonly tests: readonly FixtureTest[]
}

/** A test of a fixture. */
export interface FixtureTest {
  readonly title: string
  readonly status: string
  readonly failureMessages: readonly string[]
}

interface JsonReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly { readonly assertionResults: readonly FixtureTest[] }[]
}

/** Where a fixture is: an absolute path is one already. */
export function fixturePath(name: string): string {
  return isAbsolute(name) ? name : fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))
}

/** Runs the real Vitest on a project in `fixtures`, as a user does: in a process of its own. */
export async function runVitest(
  fixture: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  command = 'run',
): Promise<VitestRun> {
  const folder = await mkdtemp(join(tmpdir(), 'faasjs-pg-vitest-'))
  const logFile = join(folder, 'log')
  const reportFile = join(folder, 'report.json')
  try {
    // In blocks of 1024 bytes, as a shell limits it.
    const largest = env['FIXTURE_LARGEST_FILE']
    const limit = largest === undefined ? [] : ['-c', `ulimit -f ${largest}; exec "$0" "$@"`]
    const result = await x(
      largest === undefined ? process.execPath : 'bash',
      [
        ...limit,
        ...(largest === undefined ? [] : [process.execPath]),
        VITEST,
        command,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${reportFile}`,
        ...args,
      ],
      {
        nodeOptions: {
          cwd: fixturePath(fixture),
          env: {
            ...outerEnv(),
            NO_COLOR: '1',
            FIXTURE_LOG: logFile,
            // Migrations run in every run unless a test says otherwise.
            FAASJS_PG_CACHE: join(folder, 'cache'),
            ...env,
          },
        },
      },
    )
    const report = await readFile(reportFile, 'utf8').then(
      (text) => JSON.parse(text) as JsonReport,
      () => ({ numPassedTests: 0, numFailedTests: 0, testResults: [] }),
    )
    return {
      exitCode: result.exitCode,
      output: result.stdout + result.stderr,
      log: await readLines(logFile),
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      tests: report.testResults.flatMap(({ assertionResults }) => assertionResults),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** This process's environment without what Vitest and the tests put there. */
export function outerEnv(): NodeJS.ProcessEnv {
  const own = /^(?:VITEST|TEST$|NODE_ENV$|DATABASE_URL$|PG)/
  return Object.fromEntries(
    Object.entries(process.env).map(([key, value]) => [key, own.test(key) ? undefined : value]),
  )
}

async function readLines(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').filter(Boolean)
}
