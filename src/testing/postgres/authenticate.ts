import { once } from 'node:events'
import type { Socket } from 'node:net'

import { replies } from '../server/replies.ts'

const AUTHENTICATION = 0x52
const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4])

/**
 * Has a server find out whether a client may connect: it is given what both say until the server is content,
 * which it need not hear of. The server's session is of no further use.
 *
 * @param startup - What the client has sent already.
 * @returns false when the server does not let it in, which it has been told.
 */
export async function authenticate(
  client: Socket,
  server: Socket,
  startup: Buffer,
): Promise<boolean> {
  server.write(startup)
  client.resume()
  const onData = (chunk: Buffer): void => void server.write(chunk)
  client.on('data', onData)
  let bytes: Buffer = Buffer.alloc(0)
  try {
    for (;;) {
      const [chunk] = (await Promise.race([once(server, 'data'), once(server, 'close')])) as [
        unknown,
      ]
      if (!Buffer.isBuffer(chunk)) {
        client.end()
        return false
      }
      bytes = Buffer.concat([bytes, chunk])
      let taken = 0
      for (const { start, end } of replies(bytes)) {
        if (end > bytes.length) break
        const isContent = bytes[start] === AUTHENTICATION && bytes.readInt32BE(start + 5) === 0
        if (isContent) return true
        client.write(bytes.subarray(start, end))
        taken = end
      }
      bytes = bytes.subarray(taken)
    }
  } finally {
    client.off('data', onData)
    client.pause()
    server.end(TERMINATE)
  }
}
