import { sqlStateOf } from '../database/engines/driver-error.ts'

/** How a test ended on one engine. */
export interface Outcome {
  /** Together with the others of its name, in order, it is the same test on every engine. */
  readonly test: string
  readonly state: 'passed' | 'failed' | 'skipped'
  /** Of a test that failed. */
  readonly error?: unknown
}

/** All tests of an engine. */
export interface EngineOutcomes {
  /** For people: `PostgreSQL 18.4`. */
  readonly label: string
  readonly outcomes: readonly Outcome[]
}

// What is said of a test that an engine has no outcome for.
const NOT_RUN = 'did not run'

/** Says which tests ended otherwise on one engine than on another, all outcomes side by side. Nothing ran: nothing. */
export function describeDifferences(engines: readonly EngineOutcomes[]): string[] {
  const tables = engines.map(({ outcomes }) => byTest(outcomes))
  const tests = new Set(tables.flatMap((table) => [...table.keys()]))
  const different: string[] = []
  const partial: (readonly (string | undefined)[])[] = []
  let alike = 0
  let count = 0
  for (const test of tests) {
    const endings = tables.map((table) => table.get(test))
    if (endings.every((ending) => ending === undefined || ending === 'skipped')) continue
    const known = endings.filter((ending) => ending !== undefined)
    if (new Set(known).size > 1) {
      count++
      different.push(...describe(test, engines, endings))
    } else if (known.length === engines.length) alike++
    else partial.push(endings)
  }
  if (alike + count + partial.length === 0) return []
  const labels = engines.map(({ label }) => label)
  const on = `${labels.slice(0, -1).join(', ')} and ${labels.at(-1)}`
  const verdict = count === 0 ? '' : `, ${count} ${count === 1 ? 'differs' : 'differ'}:`
  return [
    `${alike} ${alike === 1 ? 'test agrees' : 'tests agree'} on ${on}${verdict}`,
    ...different,
    ...labels.flatMap((label, index) => {
      const number = partial.filter((endings) => endings[index] === undefined).length
      if (number === 0) return []
      return `${number} ${number === 1 ? 'test' : 'tests'} did not run on ${label}, and cannot be compared`
    }),
  ]
}

/** The ending of each test. Tests of one name are told apart by their order. */
function byTest(outcomes: readonly Outcome[]): Map<string, string> {
  const endings = new Map<string, string>()
  const seen = new Map<string, number>()
  for (const outcome of outcomes) {
    const number = (seen.get(outcome.test) ?? 0) + 1
    seen.set(outcome.test, number)
    const test = number === 1 ? outcome.test : `${outcome.test} (${number})`
    endings.set(test, endingOf(outcome))
  }
  return endings
}

function endingOf({ state, error }: Outcome): string {
  return state === 'failed' ? `failed  ${describeError(error)}`.trimEnd() : state
}

/** Its first line, with the SQLSTATE of what lies below it. */
function describeError(error: unknown): string {
  const { name, message = '' } = Object(error) as { name?: string; message?: string }
  const [line = ''] = message.split('\n')
  const state = deepSqlState(error)
  const text = name === undefined || name === '' ? line : `${name}: ${line}`
  return state === undefined || text.includes(state) ? text : `${text} (SQLSTATE ${state})`
}

function deepSqlState(error: unknown): string | undefined {
  for (let at = error, depth = 0; at !== undefined && depth < 10; depth++) {
    const state = sqlStateOf(at)
    if (state !== undefined) return state
    at = (Object(at) as { cause?: unknown }).cause
  }
  return undefined
}

function describe(
  test: string,
  engines: readonly EngineOutcomes[],
  endings: readonly (string | undefined)[],
): string[] {
  const width = Math.max(...engines.map(({ label }) => label.length))
  return [
    `  ${test}`,
    ...engines.map(
      ({ label }, index) => `    ${label.padEnd(width)}  ${endings[index] ?? NOT_RUN}`,
    ),
  ]
}
