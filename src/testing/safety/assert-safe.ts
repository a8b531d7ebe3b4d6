import { ConfigError } from '../../errors.ts'
import { isLocal, isNamedForTests, signOfProduction } from './judge-place.ts'
import { describePlace, placeOfUrl, placeOfVariables, type ServerPlace } from './server-place.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Tests make and drop databases on the server they are given: never on one of production.
 *
 * @param url - Given on purpose, so that any other server will do.
 * @throws {ConfigError} `NOT_A_TEST_DATABASE`.
 */
export function assertNoProduction(url: string, env: Environment = process.env): void {
  const place = placeOfUrl(url, env)
  const sign = place && signOfProduction(place)
  if (sign === undefined) return
  throw new ConfigError('NOT_A_TEST_DATABASE', {
    what: 'the option "url" leads to what looks like production',
    why: sign,
    fix: 'give the url of a server for tests: a container, or one of this machine. Without "url", there is one for the run',
    note: 'nothing was opened',
  })
}

export interface PresetOptions {
  /** The server that was given on purpose. */
  readonly url: string | undefined
  readonly allowExternal: boolean
  /** What the configuration of the tests sets. */
  readonly configured?: Environment
}

/**
 * Tests get another URL, but what runs before and beside them has the one that is set: it must be harmless.
 *
 * @throws {ConfigError} `NOT_A_TEST_DATABASE`.
 */
export function assertHarmlessPreset(outer: Environment, options: PresetOptions): void {
  const { configured = {} } = options
  const env = { ...outer, ...configured }
  const { DATABASE_URL: url = '' } = env
  const place = url === '' ? placeOfVariables(env) : placeOfUrl(url, env)
  if (!place) return
  const name =
    url === '' ? (['PGHOST', 'PGHOSTADDR'].find((key) => env[key]) ?? 'PGDATABASE') : 'DATABASE_URL'
  const leads = `${name} is set, and leads to ${describePlace(place)}`
  const why =
    'tests get a database of their own, but a global setup, or a project without the plugin, would use this one'
  const unset = configured[name]
    ? `leave ${name} out of test.env in the configuration of Vitest`
    : `unset it for the tests: ${name}= npx vitest`
  const sign = signOfProduction(place)
  if (sign !== undefined) {
    throw new ConfigError('NOT_A_TEST_DATABASE', {
      what: `${leads}, which looks like production`,
      why: `${sign}; ${why}`,
      fix: unset,
      note: 'nothing was opened',
    })
  }
  if (options.allowExternal || (url !== '' && url === options.url)) return
  if (isHarmless(place)) return
  throw new ConfigError('NOT_A_TEST_DATABASE', {
    what: `${leads}, which is not known to be for tests`,
    why,
    fix: `${unset}\nor, if it may be there: PgVitestPlugin({ allowExternal: true })`,
    note: 'known are servers of this machine, and names with "test", "ci", "e2e" or "integration" in them',
  })
}

function isHarmless(place: ServerPlace): boolean {
  return isLocal(place) || isNamedForTests(place)
}

/** Whether a test may use a URL that somebody has put in the place of its own. */
export function isForTests(url: string): boolean {
  const place = placeOfUrl(url, {})
  return !place || (signOfProduction(place) === undefined && isNamedForTests(place))
}
