import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'

/** What a command may touch of the world outside. A test passes its own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable
  /** Results, and nothing else. */
  readonly stdout: (text: string) => void
  /** Everything else: progress, warnings, errors. */
  readonly stderr: (text: string) => void
  /** Where `SIGINT` and `SIGTERM` arrive. */
  readonly signals: Pick<EventEmitter, 'on' | 'off'>
}

/** The process itself. */
export function processIo(): Io {
  // `faasjs-pg status | head -1` closes the pipe early, which is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    env: process.env,
    stdin: process.stdin,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    signals: process,
  }
}
