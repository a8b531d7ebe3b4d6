import type { SnapshotOrigin } from '../testing/host/baseline-store.ts'
import type { ResetReport, TestReset } from '../testing/host/protocol.ts'

/** Collects what the databases of a run did, for one line at its end. */
export class RunReport {
  #boots = 0
  readonly #durations: number[] = []
  readonly #kinds = new Map<ResetReport['kind'], number>()
  readonly #whole: TestReset[] = []
  readonly #warnings = new Set<string>()

  /**
   * @param warning - Why a change of the schema takes a new database to put back.
   * @returns How many there are now.
   */
  addBoot(warning: string | undefined): number {
    if (warning !== undefined) this.#warnings.add(warning)
    return ++this.#boots
  }

  addReset(reset: TestReset): void {
    this.#durations.push(reset.duration)
    this.#kinds.set(reset.kind, (this.#kinds.get(reset.kind) ?? 0) + 1)
    if (reset.reason !== undefined) this.#whole.push(reset)
  }

  /**
   * What is to be printed; nothing when nobody connected.
   *
   * @param engine - What the databases run on.
   * @param testTime - Milliseconds that all tests took together, their hooks included.
   * @param verbose - A line for each test after which rows were not enough, with the reason, not one for all.
   */
  lines(
    engine: string,
    origins: readonly SnapshotOrigin[],
    testTime: number,
    verbose: boolean,
  ): string[] {
    if (this.#boots === 0) return []
    const line = [
      engine,
      `${count(this.#boots, 'database')} booted`,
      ...origins.map(describeOrigin),
      this.#describeResets(testTime),
    ].join(' · ')
    if (!verbose) return [line, ...this.#nameWhole()]
    return [line, ...[...this.#warnings].map(describeWarning), ...this.#whole.map(describeWhole)]
  }

  /** What the next run begins with, in watch mode. */
  clear(): void {
    this.#boots = 0
    this.#durations.length = 0
    this.#kinds.clear()
    this.#whole.length = 0
    this.#warnings.clear()
  }

  /** One line for the tests that changed more than rows, if any: they cost more than others. */
  #nameWhole(): string[] {
    const tests = [...new Set(this.#whole.map(({ test }) => nameOf(test)))]
    if (tests.length === 0) return []
    const more = tests.length > NAMED ? `, and ${tests.length - NAMED} more` : ''
    return [`changed the schema, roles or settings: ${tests.slice(0, NAMED).join(', ')}${more}`]
  }

  #describeResets(testTime: number): string {
    const sorted = this.#durations.toSorted((a, b) => a - b)
    const total = sorted.reduce((sum, duration) => sum + duration, 0)
    const [median = 0, max = 0] = [sorted[sorted.length >> 1], sorted.at(-1)]
    const full = (this.#kinds.get('full') ?? 0) + (this.#kinds.get('rebuild') ?? 0)
    const share = testTime > 0 ? `, ${((total / testTime) * 100).toFixed(1)} % of test time` : ''
    const inFull = full > 0 ? ` (${full} in full)` : ''
    const times = `median ${median.toFixed(1)} ms, max ${max.toFixed(1)} ms`
    return sorted.length === 0
      ? 'no resets'
      : `${count(sorted.length, 'reset')}${inFull}: ${times}${share}`
  }
}

function describeOrigin({ kind, migrations, duration }: SnapshotOrigin): string {
  if (kind === 'disk') return 'snapshot from the cache'
  return `snapshot built in ${(duration / 1000).toFixed(1)} s (${count(migrations, 'migration')} run)`
}

// Enough to see what it is about.
const NAMED = 3

function nameOf(test: string | undefined): string {
  return test === undefined ? 'work outside of tests' : `"${test}"`
}

function describeWarning(warning: string): string {
  return `${warning}: after a test that changes the schema the database is replaced by a new one`
}

function describeWhole({ kind, test, reason, duration }: TestReset): string {
  const what = kind === 'rebuild' ? 'database replaced' : 'restored in full'
  return `${what} after ${nameOf(test)} (${duration.toFixed(1)} ms): ${reason}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
