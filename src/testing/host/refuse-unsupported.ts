import type { PGlite } from '@electric-sql/pglite'

import { cstring, message } from '../server/backend-messages.ts'
import { replies } from '../server/replies.ts'
import { refusedStatement } from '../server/unsupported.ts'

const QUERY = 'Q'
const PARSE = 'P'

/**
 * Has a statement that the engine would get wrong without a word raise an error instead: for migrations and
 * seeds, which are run without the server.
 */
export function refuseUnsupported(pglite: PGlite): void {
  const engine = pglite as Pick<PGlite, 'execProtocolRawSync'>
  // All other ways to run something go through this one.
  const { execProtocolRawSync } = engine
  engine.execProtocolRawSync = (bytes, ...rest) =>
    execProtocolRawSync.call(pglite, checked(bytes), ...rest)
}

function checked(bytes: Uint8Array): Uint8Array {
  const sent = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Buffer[] = []
  let isChanged = false
  for (const { type, start, end } of replies(sent)) {
    const part = sent.subarray(start, end)
    const replacement = type === QUERY || type === PARSE ? replaced(type, part) : undefined
    isChanged ||= replacement !== undefined
    parts.push(replacement ?? part)
  }
  return isChanged ? Buffer.concat(parts) : bytes
}

/** The message with another text, if its own is refused. */
function replaced(type: string, part: Buffer): Buffer | undefined {
  const textStart = type === QUERY ? 5 : part.indexOf(0, 5) + 1
  const textEnd = part.indexOf(0, textStart)
  const sql = part.toString('utf8', textStart, textEnd)
  const refused = refusedStatement(sql)
  if (refused === undefined) return undefined
  return message(type, part.subarray(5, textStart), cstring(refused), part.subarray(textEnd + 1))
}
