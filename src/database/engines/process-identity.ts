import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Names a process for good: process ids are given out again, and are known on one machine only. */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** When it started, in a form that only compares; absent where the system does not tell. */
  readonly started?: string
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  const started = startOf(process.pid)
  return { pid: process.pid, host: hostname(), ...(started !== undefined && { started }) }
}

/**
 * Whether a process still runs.
 *
 * @returns `unknown` for one on another machine or in another container.
 */
export function processState(identity: ProcessIdentity): 'running' | 'gone' | 'unknown' {
  if (identity.host !== hostname()) return 'unknown'
  if (!isAlive(identity.pid)) return 'gone'
  const started = startOf(identity.pid)
  const isAnother =
    started !== undefined && identity.started !== undefined && started !== identity.started
  return isAnother ? 'gone' : 'running'
}

/** Whether there is a process with this id, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The name in parentheses may hold anything; the start is the 20th field behind it.
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      return `${boot} ${ticks}`
    }
    if (process.platform === 'win32') return undefined
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env,
    }).trim()
  } catch {
    return undefined
  }
}
