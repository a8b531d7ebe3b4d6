import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

import { Client } from 'pg'
import { onTestFinished } from 'vitest'

/** A backend of the real server, and who uses it. */
interface Backend {
  readonly socket: Socket
  user: Socket | undefined
}

const READY = 'Z'.charCodeAt(0)
const TERMINATE = 'X'.charCodeAt(0)
const IDLE = 'I'.charCodeAt(0)

/**
 * A pooler in transaction mode, as PgBouncer is: clients share a few backends of the real server, and
 * each transaction gets the one that has waited longest.
 *
 * @returns The URL that leads through it. It is closed when the test ends.
 */
export async function transactionPooler(url: string, size: number): Promise<string> {
  const idle: Backend[] = []
  const waiting: ((backend: Backend) => void)[] = []
  const give = (backend: Backend): void => {
    backend.user = undefined
    const next = waiting.shift()
    if (next) next(backend)
    else idle.push(backend)
  }
  const take = (): Promise<Backend> => {
    const backend = idle.shift()
    return backend ? Promise.resolve(backend) : new Promise((resolve) => waiting.push(resolve))
  }

  for (let count = 0; count < size; count++) idle.push(await connectBackend(url, give))
  const sockets = new Set<Socket>(idle.map(({ socket }) => socket))

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket, take)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const pooled = new URL(url)
  pooled.port = String((server.address() as AddressInfo).port)
  return pooled.href
}

/** Lets `pg` log in, and takes its socket. */
async function connectBackend(url: string, give: (backend: Backend) => void): Promise<Backend> {
  const client = new Client(url)
  client.on('error', () => undefined)
  await client.connect()
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  stream.removeAllListeners('data')
  const backend: Backend = { socket: stream, user: undefined }
  const messages = splitter(1)
  stream.on('data', (chunk: Buffer) => {
    for (const message of messages(chunk)) {
      backend.user?.write(message)
      if (message[0] === READY && message[5] === IDLE) give(backend)
    }
  })
  return backend
}

function serve(socket: Socket, take: () => Promise<Backend>): void {
  let messages = splitter(0)
  let hasStarted = false
  let backend: Backend | undefined
  let queue = Promise.resolve()
  const forward = async (message: Buffer): Promise<void> => {
    if (message[0] === TERMINATE) return void socket.end()
    if (backend?.user !== socket) backend = await take()
    backend.user = socket
    backend.socket.write(message)
  }
  socket.on('data', (chunk: Buffer) => {
    for (const message of messages(chunk)) {
      if (hasStarted) {
        queue = queue.then(() => forward(message))
        continue
      }
      hasStarted = true
      messages = splitter(1)
      socket.write(GREETING)
    }
  })
}

/** Cuts a stream into messages: an optional type byte, and a length that counts itself. */
function splitter(typeBytes: 0 | 1): (chunk: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const found: Buffer[] = []
    while (rest.length >= typeBytes + 4) {
      const length = typeBytes + rest.readInt32BE(typeBytes)
      if (rest.length < length) break
      found.push(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    return found
  }
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}

/** Logged in, the parameters that clients look at, a process id of the pooler's own, ready. */
const GREETING = Buffer.concat([
  message('R', Buffer.from([0, 0, 0, 0])),
  message('S', Buffer.from('server_version\x0018.0\0')),
  message('S', Buffer.from('client_encoding\0UTF8\0')),
  message('S', Buffer.from('standard_conforming_strings\0on\0')),
  message('K', Buffer.from([0, 0x77, 0x77, 0x77, 1, 2, 3, 4])),
  message('Z', Buffer.from('I')),
])
