import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

const BIN = fileURLToPath(new URL('../../bin/faasjs-pg.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A `faasjs-pg` that is running. */
export interface Running {
  readonly child: ChildProcess
  /** Everything it has written to standard error so far. */
  stderr(): string
  ended(): Promise<Ended>
}

export interface RunOptions {
  readonly cwd: string
  /** `DATABASE_URL`; not set unless given. */
  readonly url?: string | undefined
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  readonly nodeOptions?: readonly string[]
}

/** Starts the built command in a process of its own, as a user does. */
export function start(argv: readonly string[], options: RunOptions): Running {
  const { DATABASE_URL: _, NODE_OPTIONS: __, ...inherited } = process.env
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), BIN, ...argv], {
    cwd: options.cwd,
    env: {
      ...inherited,
      ...(options.url !== undefined && { DATABASE_URL: options.url }),
      ...options.env,
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => undefined).end(options.stdin ?? '')
  const closed = once(child, 'close')
  return {
    child,
    stderr: () => stderr,
    async ended() {
      await closed
      return { code: child.exitCode, signal: child.signalCode, stdout, stderr }
    },
  }
}

/** Runs the built command to its end. */
export function run(argv: readonly string[], options: RunOptions): Promise<Ended> {
  return start(argv, options).ended()
}
