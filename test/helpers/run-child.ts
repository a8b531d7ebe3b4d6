import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const REGISTER = new URL('./register-typescript.mjs', import.meta.url).href

/** A Node process that runs a piece of TypeScript. */
export interface Child {
  readonly pid: number
  /** The next line it prints; undefined when it has ended. */
  line(): Promise<string | undefined>
  kill(signal: NodeJS.Signals): void
  /** Waits for its end. */
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>
}

export interface ChildOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Runs an ES module given as JavaScript source; it may import `.ts` files by URL. Its standard
 * output is read line by line.
 *
 * @example
 * const child = runChild(`import { x } from ${JSON.stringify(sourceUrl('database/open.ts'))}; …`)
 * expect(await child.line()).toBe('ready')
 */
export function runChild(source: string, options: ChildOptions = {}): Child {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    ['--import', REGISTER, '--input-type=module', '--eval', source],
    {
      cwd: options.cwd ?? fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...process.env, NODE_OPTIONS: '', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const closed = once(child, 'close')
  return {
    pid: child.pid ?? -1,
    async line() {
      const next = await lines.next()
      return next.done ? undefined : next.value
    },
    kill: (signal) => void child.kill(signal),
    async ended() {
      await closed
      return { code: child.exitCode, signal: child.signalCode, stderr }
    },
  }
}

/** URL of a file below `src/`, for the `import` of a child. */
export function sourceUrl(path: string): string {
  return new URL(`../../src/${path}`, import.meta.url).href
}
