import { cstring, message } from '../backend-messages.ts'

export const FLUSH: Buffer = message('H')

export function query(sql: string): Buffer {
  return message('Q', cstring(sql))
}

export function typeOf(one: Buffer | undefined): string {
  return String.fromCharCode(one?.[0] ?? 0)
}

/** The engine answers it with ReadyForQuery. */
export function endsUnit(one: Buffer): boolean {
  return /[QSF]/.test(typeOf(one))
}

/** The string at a place of a message, and where the next thing begins. */
export function textAt(one: Buffer, start: number): [text: string, end: number] {
  const end = one.indexOf(0, start)
  return [one.toString('utf8', start, end), end + 1]
}

/** The values of a Bind message, which begin at a place with their formats. */
export function valuesAt(one: Buffer, start: number): string[] {
  let offset = start + 2 + 2 * one.readUInt16BE(start)
  const count = one.readUInt16BE(offset)
  offset += 2
  const found: string[] = []
  for (let left = count; left > 0; left--) {
    const length = one.readInt32BE(offset)
    offset += 4
    if (length < 0) continue
    found.push(one.toString('utf8', offset, offset + length))
    offset += length
  }
  return found
}
