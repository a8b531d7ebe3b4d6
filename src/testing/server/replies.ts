import type { TransactionStatus } from './backend-messages.ts'

/** One message in the bytes the engine answered with. */
export interface Reply {
  readonly type: string
  /** Offset of its type byte. */
  readonly start: number
  /** Offset after its last byte. */
  readonly end: number
}

/** Walks over the messages in the engine's answer; those of clients after the startup are built alike. */
export function* replies(bytes: Buffer): Generator<Reply> {
  let start = 0
  while (start + 5 <= bytes.length) {
    const end = start + 1 + bytes.readInt32BE(start + 1)
    yield { type: String.fromCharCode(bytes[start] ?? 0), start, end }
    start = end
  }
}

/** The answer without the first messages of these types, in this order. */
export function withoutLeading(bytes: Buffer, types: readonly string[]): Buffer {
  let rest = bytes
  for (const type of types) {
    if (String.fromCharCode(rest[0] ?? 0) !== type) break
    rest = rest.subarray(1 + rest.readInt32BE(1))
  }
  return rest
}

/** The answer without its messages of this type. */
export function without(bytes: Buffer, type: string): Buffer {
  const kept = [...replies(bytes)].filter((reply) => reply.type !== type)
  return Buffer.concat(kept.map((reply) => bytes.subarray(reply.start, reply.end)))
}

/** The answer with something else in the place of its errors. */
export function withErrorAs(bytes: Buffer, replacement: Buffer): Buffer {
  const parts = [...replies(bytes)].map(({ type, start, end }) =>
    type === 'E' ? replacement : bytes.subarray(start, end),
  )
  return Buffer.concat(parts)
}

/**
 * The status in a ReadyForQuery at the end of the answer; undefined when it does not end with one.
 *
 * Looked for from the end, so that a large result is not walked through.
 */
export function finalStatus(bytes: Buffer): TransactionStatus | undefined {
  const at = bytes.length - 6
  if (at < 0 || bytes[at] !== 0x5a || bytes.readInt32BE(at + 1) !== 5) return undefined
  return String.fromCharCode(bytes[at + 5] ?? 0) as TransactionStatus
}

/** The fields of an error or notice, by their one-letter keys. */
export function errorFields(bytes: Buffer, reply: Reply): Map<string, string> {
  const fields = new Map<string, string>()
  for (const field of bytes.toString('utf8', reply.start + 5, reply.end).split('\0')) {
    if (field) fields.set(field[0] ?? '', field.slice(1))
  }
  return fields
}

/** The first error in the answer, if any. */
export function firstError(bytes: Buffer): Map<string, string> | undefined {
  for (const reply of replies(bytes)) {
    if (reply.type === 'E') return errorFields(bytes, reply)
  }
  return undefined
}

/** The rows of the answer as text; every statement's rows one after the other. */
export function textRows(bytes: Buffer): (string | null)[][] {
  const rows: (string | null)[][] = []
  for (const reply of replies(bytes)) {
    if (reply.type === 'D') rows.push(textRow(bytes, reply.start + 5))
  }
  return rows
}

function textRow(bytes: Buffer, start: number): (string | null)[] {
  const row: (string | null)[] = []
  let offset = start + 2
  for (let column = bytes.readInt16BE(start); column > 0; column--) {
    const length = bytes.readInt32BE(offset)
    offset += 4
    row.push(length < 0 ? null : bytes.toString('utf8', offset, offset + length))
    offset += Math.max(length, 0)
  }
  return row
}
