/** Where the text that begins here ends: the offset of its zero byte, or -1. Most names are empty. */
export function endOfText(bytes: Buffer, start: number): number {
  return bytes[start] === 0 ? start : bytes.indexOf(0, start)
}

/** The text between these offsets. */
export function textOf(bytes: Buffer, start: number, end: number): string {
  return end <= start ? '' : bytes.toString('utf8', start, end)
}

// A step beyond the end of a message leads nowhere, and nothing leads back.
const NOWHERE = -1

function skip(bytes: Buffer, at: number, length: number): number {
  const end = at + length
  return at === NOWHERE || length < 0 || end > bytes.length ? NOWHERE : end
}

/** A string and the zero byte at its end. */
function skipText(bytes: Buffer, at: number): number {
  const end = at === NOWHERE ? NOWHERE : endOfText(bytes, at)
  return end === NOWHERE ? NOWHERE : end + 1
}

/** As many items of this size as a number before them says. */
function skipItems(bytes: Buffer, at: number, size: number): number {
  const start = skip(bytes, at, 2)
  return start === NOWHERE ? NOWHERE : skip(bytes, start, bytes.readUInt16BE(at) * size)
}

/** Values with their lengths before them, -1 for NULL. */
function skipValues(bytes: Buffer, at: number): number {
  let end = skip(bytes, at, 2)
  if (end === NOWHERE) return NOWHERE
  for (let left = bytes.readUInt16BE(at); left > 0; left--) {
    const start = skip(bytes, end, 4)
    if (start === NOWHERE) return NOWHERE
    const length = bytes.readInt32BE(end)
    end = length === -1 ? start : skip(bytes, start, length)
  }
  return end
}

/** Where the body of a message ends if it is what its type says; `NOWHERE` if it cannot be. */
function endOfBody(type: string, bytes: Buffer): number {
  const start = 5
  switch (type) {
    case 'B': {
      const formats = skipText(bytes, skipText(bytes, start))
      return skipItems(bytes, skipValues(bytes, skipItems(bytes, formats, 2)), 2)
    }
    case 'C':
    case 'D':
      return skipText(bytes, skip(bytes, start, 1))
    case 'E':
      return skip(bytes, skipText(bytes, start), 4)
    case 'F':
      return skip(bytes, skipValues(bytes, skipItems(bytes, skip(bytes, start, 4), 2)), 2)
    case 'P':
      return skipItems(bytes, skipText(bytes, skipText(bytes, start)), 4)
    case 'Q':
    case 'f':
      return skipText(bytes, start)
    case 'H':
    case 'S':
    case 'X':
    case 'c':
      return start
    default:
      return bytes.length
  }
}

/**
 * Whether a message is built as the protocol says. The engine must not see others: it would wait for
 * the rest of them for ever, as it takes its input for a stream.
 */
export function isWellFormed(type: string, bytes: Buffer): boolean {
  return endOfBody(type, bytes) === bytes.length
}
