import { randomBytes } from 'node:crypto'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

import type { Snapshot } from '../pglite/snapshot.ts'

// A word that no other file begins with, the checksum and the length of what follows.
const MAGIC = Buffer.from('faasjs-pg snapshot 1\n')
const HEADER_LENGTH = MAGIC.length + 8

/**
 * Reads a snapshot from a file, straight into shared memory.
 *
 * @returns undefined when there is none; a file that is damaged is removed and counts as none.
 */
export async function readSnapshotFile(path: string): Promise<Snapshot | undefined> {
  const file = await open(path).catch(() => undefined)
  if (!file) return undefined
  try {
    const header = Buffer.alloc(HEADER_LENGTH)
    await file.read(header, 0, HEADER_LENGTH, 0)
    const length = header.readUInt32LE(MAGIC.length + 4)
    const { size } = await file.stat()
    if (header.indexOf(MAGIC) === 0 && size === HEADER_LENGTH + length) {
      const bytes = new SharedArrayBuffer(length)
      const { bytesRead } = await file.read(new Uint8Array(bytes), 0, length, HEADER_LENGTH)
      const checksum = header.readUInt32LE(MAGIC.length)
      if (bytesRead === length && crc32(new Uint8Array(bytes)) === checksum) return { bytes }
    }
  } catch {
    // A disk that cannot be read is as good as a damaged file.
  } finally {
    await file.close()
  }
  await rm(path, { force: true }).catch(() => {})
  return undefined
}

/**
 * Writes a snapshot so that others see the whole file or none.
 *
 * @throws the file system's error; nothing is left behind.
 */
export async function writeSnapshotFile(path: string, { bytes }: Snapshot): Promise<void> {
  const content = new Uint8Array(bytes)
  const header = Buffer.alloc(HEADER_LENGTH)
  MAGIC.copy(header)
  header.writeUInt32LE(crc32(content), MAGIC.length)
  header.writeUInt32LE(content.length, MAGIC.length + 4)

  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeFile(temporary, header, { flag: 'wx' })
    await writeFile(temporary, content, { flag: 'a' })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
