import type { ConfigError } from '../errors.ts'

// Without isolation, modules outlive the file that has loaded them, and so do the pools they have made.
const KEY = Symbol.for('@faasjs/pg/foreign')
const worker = globalThis as { [KEY]?: string }

/** Keeps tests from a database that is not for them, when something puts its URL in the place of theirs. */
export class UrlGuard {
  readonly #own: string
  #isLoaded = false

  constructor(own: string) {
    this.#own = own
  }

  /**
   * To be called before each test. What a test has changed is put back; what was changed as the file was loaded
   * may be in use.
   *
   * @throws {ConfigError} `NOT_A_TEST_DATABASE`.
   */
  async check(): Promise<void> {
    const { DATABASE_URL: url = '' } = process.env
    if (!this.#isLoaded && url !== this.#own && !(await isForTests(url))) worker[KEY] = url
    const foreign = worker[KEY]
    if (foreign !== undefined) throw await refused(foreign)
    if (this.#isLoaded && url !== this.#own) process.env['DATABASE_URL'] = this.#own
    this.#isLoaded = true
  }
}

/** Loaded where there is another one. */
async function isForTests(url: string): Promise<boolean> {
  const safety = await import('../testing/safety/assert-safe.ts')
  return safety.isForTests(url)
}

async function refused(url: string): Promise<ConfigError> {
  const [{ ConfigError }, { describePlace, placeOfUrl }] = await Promise.all([
    import('../errors.ts'),
    import('../testing/safety/server-place.ts'),
  ])
  const place = placeOfUrl(url, {})
  return new ConfigError('NOT_A_TEST_DATABASE', {
    what: `DATABASE_URL was changed as the test file was loaded: it leads to ${place ? describePlace(place) : 'another place'}`,
    why: 'tests would run on a database that is not for them',
    fix: 'load .env without overriding what is set: dotenv.config() in place of dotenv.config({ override: true })\nor, if that is meant: PgVitestPlugin({ allowExternal: true })',
    note: 'no test of this file was run',
  })
}
