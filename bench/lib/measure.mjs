import { spawnSync } from 'node:child_process'

/** Runs a command to its end and returns its wall time in milliseconds. */
export function timed(command, args, options = {}) {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
  })
  const elapsed = performance.now() - start
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stderr}`)
  return { elapsed, stdout }
}

/** Runs every candidate once per round, after a warm-up, and returns their times. */
export async function rounds(candidates, count) {
  const times = Object.fromEntries(Object.keys(candidates).map((name) => [name, []]))
  for (let round = -1; round < count; round++) {
    for (const [name, run] of Object.entries(candidates)) {
      const elapsed = await run()
      if (round >= 0) times[name].push(elapsed)
    }
  }
  return times
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Prints medians, and their ratio to that of the floor. */
export function report(title, times, floor) {
  console.log(`${title} (n = ${times[floor].length})`)
  for (const [name, values] of Object.entries(times)) {
    const ratio = median(values) / median(times[floor])
    const range = `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`
    console.log(
      `  ${name.padEnd(44)} ${median(values).toFixed(0).padStart(6)} ms  ${ratio.toFixed(2)} x  (${range})`,
    )
  }
}
