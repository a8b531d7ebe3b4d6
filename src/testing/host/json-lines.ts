import type { Socket } from 'node:net'

import { type Handlers, Rpc } from './rpc.ts'

/** Calls in both directions over a socket, one line of JSON per message. */
export function rpcOverSocket<Remote extends Handlers>(
  socket: Socket,
  handlers: Handlers,
  arrived: Buffer = Buffer.alloc(0),
): Rpc<Remote> {
  const rpc = new Rpc<Remote>(
    { send: (message) => socket.write(`${JSON.stringify(message)}\n`) },
    handlers,
  )
  let text = ''
  const read = (chunk: string): void => {
    text += chunk
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      const message = parse(line)
      if (message === undefined) socket.destroy()
      else rpc.receive(message)
    }
  }
  socket.setEncoding('utf8')
  socket.on('data', read)
  socket.on('error', (error) => rpc.close(error))
  socket.on('close', () => rpc.close(new Error('the connection to the test database was closed')))
  if (arrived.length > 0) read(arrived.toString())
  return rpc
}

/** Whatever is not JSON does not come from this package: the sender is cut off. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}
