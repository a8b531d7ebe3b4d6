import type { DataEntry } from './memory-files.ts'

/**
 * A data directory of PGlite, packed: a header that says what is where, then the files without the
 * zeros at their ends. In shared memory, so that threads pass it on without copying.
 */
export interface Snapshot {
  readonly bytes: SharedArrayBuffer
}

/** `[path]` is a folder; a file has its size and where its stored bytes begin and end. */
type HeaderEntry = readonly [path: string, size?: number, start?: number, end?: number]

const PAGE = 8192
const HEADER_LENGTH = 4

// Databases nobody can connect to: the engine serves one only. Half of a new data directory.
const LEFT_OUT = /^\/base\/(?:1|4)\/./

/** Packs a data directory. The engine must have been shut down, or it has to recover at each start. */
export function packSnapshot(entries: Iterable<DataEntry>): Snapshot {
  const header: HeaderEntry[] = []
  const stored: Uint8Array[] = []
  let length = 0
  for (const { path, content } of entries) {
    if (LEFT_OUT.test(path)) continue
    if (!content) {
      header.push([path])
      continue
    }
    const bytes = withoutTrailingZeros(content)
    header.push([path, content.length, length, length + bytes.length])
    stored.push(bytes)
    length += bytes.length
  }

  const headerBytes = Buffer.from(JSON.stringify(header))
  const packed = new SharedArrayBuffer(HEADER_LENGTH + headerBytes.length + length)
  const view = Buffer.from(packed)
  view.writeUInt32LE(headerBytes.length)
  let offset = HEADER_LENGTH
  for (const bytes of [headerBytes, ...stored]) {
    view.set(bytes, offset)
    offset += bytes.length
  }
  return { bytes: packed }
}

/** Unpacks a snapshot. Most bytes are the snapshot's own, which other threads read: not to be changed. */
export function* unpackSnapshot({ bytes }: Snapshot): Generator<DataEntry> {
  const dataStart = HEADER_LENGTH + Buffer.from(bytes).readUInt32LE(0)
  // A copy: text in shared memory cannot be decoded.
  const text = Buffer.from(new Uint8Array(bytes, HEADER_LENGTH, dataStart - HEADER_LENGTH))
  const header = JSON.parse(text.toString()) as HeaderEntry[]
  for (const [path, size, start, end] of header) {
    if (size === undefined || start === undefined || end === undefined) {
      yield { path, content: undefined }
      continue
    }
    const content = new Uint8Array(bytes, dataStart + start, end - start)
    yield { path, content: end - start === size ? content : withTrailingZeros(content, size) }
  }
}

function withoutTrailingZeros(content: Uint8Array): Uint8Array {
  let end = content.length
  while (end > 0 && content[end - 1] === 0) end--
  // Whole pages, so that most files can be used in place.
  return content.subarray(0, Math.min(content.length, Math.ceil(end / PAGE) * PAGE))
}

function withTrailingZeros(content: Uint8Array, size: number): Uint8Array {
  const whole = new Uint8Array(size)
  whole.set(content)
  return whole
}
