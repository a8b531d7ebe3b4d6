import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { outerEnv, VITEST } from './run-vitest.ts'

/** A Vitest that runs until it is done or killed, in a process group of its own as under a terminal. */
export class VitestProcess {
  readonly #child: ChildProcess
  readonly #log: string
  readonly #ended: Promise<number | null>
  output = ''

  constructor(root: string, log: string, env: NodeJS.ProcessEnv, args: readonly string[] = []) {
    this.#log = log
    this.#child = spawn(process.execPath, [VITEST, 'run', '--maxWorkers=2', ...args], {
      cwd: root,
      detached: true,
      env: { ...outerEnv(), NO_COLOR: '1', FIXTURE_LOG: log, ...env },
    })
    const collect = (chunk: Buffer): void => void (this.output += chunk.toString())
    this.#child.stdout?.on('data', collect)
    this.#child.stderr?.on('data', collect)
    this.#ended = once(this.#child, 'exit').then(([code]) => code as number | null)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Its exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    return await this.#ended
  }

  /** To the main process, or to all of them as Ctrl-C of a terminal does. */
  kill(signal: NodeJS.Signals, whom: 'main' | 'all' = 'main'): void {
    process.kill(whom === 'all' ? -this.pid : this.pid, signal)
  }

  /** What the fixture has written. */
  get lines(): string[] {
    return existsSync(this.#log) ? readFileSync(this.#log, 'utf8').split('\n').filter(Boolean) : []
  }

  /** Waits until the fixture has written lines that do. */
  async until(found: (lines: readonly string[]) => boolean): Promise<void> {
    while (!found(this.lines)) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`it ended before that\n${this.output}`)
      }
      await sleep(20)
    }
  }

  /** Waits until none of its processes is there any more. */
  async gone(): Promise<void> {
    while (isGroupAlive(this.pid)) await sleep(50)
  }

  /** Whatever is left, for the end of a test that failed. */
  destroy(): void {
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // Nothing is left.
    }
  }
}

function isGroupAlive(group: number): boolean {
  try {
    process.kill(-group, 0)
  } catch {
    return false
  }
  // In a container without an init process, the dead whose parent is dead as well stay in the list.
  if (process.platform !== 'linux') return true
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return Number(itsGroup) === group && state !== 'Z'
    } catch {
      return false
    }
  })
}
