import { createHash, randomBytes } from 'node:crypto'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { crc32 } from 'node:zlib'

import { isAlive } from '../../database/engines/process-identity.ts'
import type { Snapshot } from '../pglite/snapshot.ts'

// A word that no other file begins with, the checksum and the length of what follows.
const MAGIC = Buffer.from('faasjs-pg snapshot 1\n')
const HEADER_LENGTH = MAGIC.length + 8

// Process ids are known on one machine only, and the folder may be on a disk that several share.
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
// Milliseconds after which nobody finishes a file any more.
const ABANDONED = 60 * 60 * 1000

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

  const temporary = `${path}.${HOST}-${process.pid}-${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeFile(temporary, header, { flag: 'wx' })
    await writeFile(temporary, content, { flag: 'a' })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * Whether a file in the folder is a part of a snapshot that will never be finished, as its writer was killed.
 *
 * @param age - Milliseconds since it was written to.
 */
export function isAbandonedPart(name: string, age: number): boolean {
  if (!name.endsWith('.tmp')) return false
  const [, host, pid] = name.match(/\.([0-9a-f]{8})-(\d+)-[0-9a-f]{12}\.tmp$/) ?? []
  return age > ABANDONED || (host === HOST && !isAlive(Number(pid)))
}
