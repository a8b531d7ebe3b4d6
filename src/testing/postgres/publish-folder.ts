import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder unless it is there: under another name, then renamed, so that nobody sees half of it.
 *
 * Two processes may do so at a time: the rename that comes second fails, and what it would have published
 * is dropped.
 *
 * @param make - Is given a path at which nothing is.
 */
export async function publishFolder(
  target: string,
  make: (draft: string) => Promise<void>,
): Promise<void> {
  if (existsSync(target)) return
  await mkdir(dirname(target), { recursive: true })
  const draft = `${target}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await make(draft)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
}
