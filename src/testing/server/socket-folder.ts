import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isAlive } from '../../database/engines/process-identity.ts'
import { socketPath } from './address.ts'

const PREFIX = 'faasjs-pg-'

/** The address of a Unix socket has room for 108 bytes on Linux, 104 on macOS, the last one being zero. */
export const MAX_PATH_BYTES = 103

/**
 * Makes a folder for a socket, which nobody else can enter. Undefined when its path would be too long
 * for a socket, or on Windows, where clients know no such sockets.
 *
 * The name holds the process id: what a killed process left is removed by the next one.
 */
export function createSocketFolder(port: number, parent: string = tmpdir()): string | undefined {
  if (process.platform === 'win32') return undefined
  const example = socketPath({ host: join(parent, `${PREFIX}${process.pid}-XXXXXX`), port })
  if (Buffer.byteLength(example) > MAX_PATH_BYTES) return undefined
  removeAbandoned(parent)
  // Made with mode 0700.
  return mkdtempSync(join(parent, `${PREFIX}${process.pid}-`))
}

/** Removes a folder and what is in it. Safe to call twice. */
export function removeSocketFolder(folder: string): void {
  leftAtExit.delete(folder)
  rmSync(folder, { recursive: true, force: true })
}

const leftAtExit = new Set<string>()

/** Has a folder removed when this process ends, unless it was before. */
export function removeAtExit(folder: string): void {
  if (leftAtExit.size === 0) process.once('exit', () => leftAtExit.forEach(removeSocketFolder))
  leftAtExit.add(folder)
}

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid] = name.match(/^faasjs-pg-(\d+)-\w{6}$/) ?? []
    if (pid !== undefined && !isAlive(Number(pid))) removeSocketFolder(join(parent, name))
  }
}
