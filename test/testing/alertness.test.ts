import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { Alertness, ThreadCount } from '../../src/testing/host/alertness.ts'

/** A count of so many threads. */
function counted(threads: number): ThreadCount {
  const count = new ThreadCount()
  for (let n = 0; n < threads; n++) count.add(1)
  return count
}

const most = Math.floor(availableParallelism() / 2)

test('there is room while each thread and its user have a processor', () => {
  const count = counted(most)
  expect(count.hasRoom).toBe(true)
  count.add(1)
  expect(count.hasRoom).toBe(false)
  count.add(-1)
  expect(count.hasRoom).toBe(true)
})

test('all threads see the same count', () => {
  const count = counted(most)
  const other = new ThreadCount(count.buffer)
  expect(other.hasRoom).toBe(true)
  count.add(1)
  expect(other.hasRoom).toBe(false)
})

test.runIf(most > 0)(
  'a thread stays awake for a moment after an answer, and sleeps then',
  async () => {
    const alertness = new Alertness(counted(most))
    expect(alertness.isAwake).toBe(false)
    alertness.renew()
    expect(alertness.isAwake).toBe(true)
    alertness.renew()
    await delay(20)
    expect(alertness.isAwake).toBe(false)
    alertness.renew()
    expect(alertness.isAwake).toBe(true)
  },
)

test('where others would wait for the processor, it sleeps at once', () => {
  const alertness = new Alertness(counted(most + 1))
  alertness.renew()
  expect(alertness.isAwake).toBe(false)
})
