import { gunzipSync } from 'node:zlib'

/** A file in an archive. */
export interface ArchivedFile {
  readonly path: string
  readonly content: Uint8Array
}

const BLOCK = 512
const REGULAR = new Set(['0', '\0'])

/** Reads the files of a gzipped tar archive, as the engine's extensions are packed. */
export function* readArchive(archive: Uint8Array): Generator<ArchivedFile> {
  const bytes = gunzipSync(archive)
  for (let offset = 0; offset + BLOCK <= bytes.length;) {
    const header = bytes.subarray(offset, offset + BLOCK)
    const name = text(header, 0, 100)
    // Two empty blocks end an archive.
    if (name === '') return
    const prefix = text(header, 345, 155)
    const size = Number.parseInt(text(header, 124, 12), 8) || 0
    const start = offset + BLOCK
    if (REGULAR.has(String.fromCharCode(header[156] ?? 0))) {
      const path = (prefix === '' ? name : `${prefix}/${name}`).replace(/^\.?\//, '')
      yield { path, content: bytes.subarray(start, start + size) }
    }
    offset = start + Math.ceil(size / BLOCK) * BLOCK
  }
}

function text(header: Uint8Array, start: number, length: number): string {
  const field = Buffer.from(header.subarray(start, start + length)).toString('utf8')
  const end = field.indexOf('\0')
  return (end < 0 ? field : field.slice(0, end)).trim()
}
