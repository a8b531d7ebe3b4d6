import type { ResetReport, TestReset } from '../testing/host/protocol.ts'
import type { SnapshotOrigin } from '../testing/host/snapshot-store.ts'

/** Collects what the databases of a run did, for one line at its end. */
export class RunReport {
  #boots = 0
  readonly #durations: number[] = []
  readonly #kinds = new Map<ResetReport['kind'], number>()
  readonly #whole: TestReset[] = []
  readonly #warnings = new Set<string>()

  /** @param warning - Why a change of the schema takes a new database to put back. */
  addBoot(warning: string | undefined): void {
    this.#boots++
    if (warning !== undefined) this.#warnings.add(warning)
  }

  addReset(reset: TestReset): void {
    this.#durations.push(reset.duration)
    this.#kinds.set(reset.kind, (this.#kinds.get(reset.kind) ?? 0) + 1)
    if (reset.reason !== undefined) this.#whole.push(reset)
  }

  /**
   * What is to be printed; nothing when nobody connected.
   *
   * @param testTime - Milliseconds that all tests took together, their hooks included.
   * @param verbose - One line more for each test after which rows were not enough.
   */
  lines(origins: readonly SnapshotOrigin[], testTime: number, verbose: boolean): string[] {
    if (this.#boots === 0) return []
    const line = [
      `${count(this.#boots, 'database')} booted`,
      ...origins.map(describeOrigin),
      this.#describeResets(testTime),
    ].join(' · ')
    const whole = verbose ? this.#whole : this.#whole.filter(({ kind }) => kind === 'rebuild')
    const warnings = verbose ? [...this.#warnings].map(describeWarning) : []
    return [line, ...warnings, ...whole.map(describeWhole)]
  }

  /** What the next run begins with, in watch mode. */
  clear(): void {
    this.#boots = 0
    this.#durations.length = 0
    this.#kinds.clear()
    this.#whole.length = 0
    this.#warnings.clear()
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

function describeWarning(warning: string): string {
  return `${warning}: after a test that changes the schema the database is replaced by a new one`
}

function describeWhole({ kind, test, reason, duration }: TestReset): string {
  const what = kind === 'rebuild' ? 'database replaced' : 'restored in full'
  return `${what} after ${test === undefined ? 'work outside of tests' : `"${test}"`} (${duration.toFixed(1)} ms): ${reason}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
