import type { Socket } from 'node:net'

import { FrontendReader } from './frontend-reader.ts'
import { parseStartup, type Startup } from './startup.ts'

export interface Greeter {
  /**
   * Takes the socket over. Called once.
   *
   * @param reader - Has what has arrived besides.
   * @param packet - The startup packet, without its length.
   */
  readonly onStartup: (startup: Startup, reader: FrontendReader, packet: Buffer) => void
  /** What is sent is no startup packet. */
  readonly onViolation: (error: unknown) => void
}

/** Hears what a client wants, and declines encryption on the way. */
export function greet(socket: Socket, { onStartup, onViolation }: Greeter): void {
  const reader = new FrontendReader()
  /** True once the socket is in other hands. */
  const hear = (): boolean => {
    for (;;) {
      const packet = reader.nextStartup()
      if (!packet) return false
      const startup = parseStartup(packet)
      if (startup.kind === 'encryption') socket.write('N')
      else {
        onStartup(startup, reader, packet)
        return true
      }
    }
  }
  const onData = (chunk: Buffer): void => {
    reader.push(chunk)
    try {
      if (hear()) socket.off('data', onData)
    } catch (error) {
      onViolation(error)
    }
  }
  socket.on('data', onData)
}
