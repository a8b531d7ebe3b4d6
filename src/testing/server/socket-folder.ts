import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isAlive } from '../../database/engines/process-identity.ts'

const PREFIX = 'faasjs-pg-'

// The address of a Unix socket has room for 108 bytes on Linux, 104 on macOS, the last one being zero.
const MAX_PATH_BYTES = 103

/** Where clients look for the socket of a server on this port. */
export function socketPath(folder: string, port: number): string {
  return join(folder, `.s.PGSQL.${port}`)
}

/**
 * Makes a folder for a socket, which nobody else can enter. Undefined when its path would be too long
 * for a socket, or on Windows, where clients know no such sockets.
 *
 * The name holds the process id: what a killed process left is removed by the next one.
 */
export function createSocketFolder(port: number, parent: string = tmpdir()): string | undefined {
  if (process.platform === 'win32') return undefined
  const example = socketPath(join(parent, `${PREFIX}${process.pid}-XXXXXX`), port)
  if (Buffer.byteLength(example) > MAX_PATH_BYTES) return undefined
  removeAbandoned(parent)
  // Made with mode 0700.
  return mkdtempSync(join(parent, `${PREFIX}${process.pid}-`))
}

/** Removes a folder and what is in it. Safe to call twice. */
export function removeSocketFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid] = name.match(/^faasjs-pg-(\d+)-\w{6}$/) ?? []
    if (pid !== undefined && !isAlive(Number(pid))) removeSocketFolder(join(parent, name))
  }
}
