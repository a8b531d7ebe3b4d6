import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

import type { Session } from '../server/session.ts'

// Milliseconds without a statement after which nothing more is expected of a test that is over; and how long
// that is waited for at most.
const QUIET = 10
const LONGEST_DRAIN = 200

/**
 * Lets come what the last test sent without waiting for the answer: when something of it has come already,
 * the rest may still be on its way.
 */
export async function untilQuiet(session: Session): Promise<void> {
  let { traffic, isBusy } = session
  await nextTurn()
  const end = performance.now() + LONGEST_DRAIN
  while ((isBusy || session.traffic !== traffic) && performance.now() < end) {
    traffic = session.traffic
    await sleep(QUIET)
    // A busy machine may have slept longer: what came meanwhile is read first.
    await nextTurn()
    isBusy = session.isBusy
  }
}
