import { ConfigError } from '../../errors.ts'

/**
 * What is put back before a test.
 *
 * - `'auto'`: what tests touched; everything after one that changed the schema, roles or settings.
 * - `'full'`: everything, always.
 * - `'clone'`: the database is replaced by a new copy after each test that sent anything.
 * - `'transaction'`: a test runs in one transaction, which is rolled back.
 * - `'none'`: nothing between the tests of a file. The next file begins with the baseline.
 */
export type ResetMode = 'auto' | 'full' | 'clone' | 'transaction' | 'none'

/** For whom a database is that nobody has used: for each worker, each file or each test. */
export type Scope = 'worker' | 'file' | 'test'

/** How a database is shared, and what is put back. */
export interface Modes {
  readonly scope: Scope
  readonly reset: ResetMode
}

/**
 * How a database is put back at some moment: as a {@link ResetMode} says, or `'fresh'`, so that nobody has used it.
 */
export type ResetWay = ResetMode | 'fresh'

export const DEFAULT_MODES: Modes = { scope: 'worker', reset: 'auto' }

const RESETS: ReadonlySet<string> = new Set(['auto', 'full', 'clone', 'transaction', 'none'])
const SCOPES: ReadonlySet<string> = new Set(['worker', 'file', 'test'])

/**
 * Completes options by those around them.
 *
 * @throws {ConfigError} `BAD_OPTION` for values that do not exist, or contradict each other.
 */
export function modesOf(
  options: { readonly scope?: Scope | undefined; readonly reset?: ResetMode | undefined },
  around: Modes = DEFAULT_MODES,
): Modes {
  const { scope = around.scope, reset = around.reset } = options
  if (!RESETS.has(reset)) throw badOption('reset', reset, RESETS)
  if (!SCOPES.has(scope)) throw badOption('scope', scope, SCOPES)
  if (scope === 'test' && (reset === 'none' || reset === 'transaction')) {
    throw new ConfigError('BAD_OPTION', {
      what: `scope: 'test' and reset: '${reset}' contradict each other`,
      why: 'each test gets a database that nobody has used, so that nothing is left to put back, or to keep',
      fix: `leave one of them out; for one file, pgTest({ scope: 'worker', reset: '${reset}' }) sets both`,
    })
  }
  return { scope, reset }
}

/** How the database is put back for a file. */
export function wayOfFile({ scope }: Modes): ResetWay {
  return scope === 'worker' ? 'auto' : 'fresh'
}

/** What stands for the name of a test while seeds of a test file are run. */
export const SEEDING = 'seed'

/** How the database is put back for a test. */
export function wayOfTest({ scope, reset }: Modes, test: string | undefined): ResetWay {
  // They make what tests begin with, whatever becomes of it.
  if (reset === 'none' && test === SEEDING) return 'auto'
  return scope === 'test' && reset !== 'clone' ? 'fresh' : reset
}

function badOption(name: string, value: unknown, known: ReadonlySet<string>): ConfigError {
  return new ConfigError('BAD_OPTION', {
    what: `"${String(value)}" is no value of the option "${name}"`,
    fix: `use one of ${[...known].join(', ')}`,
  })
}
