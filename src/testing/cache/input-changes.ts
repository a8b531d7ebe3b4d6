import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** What a snapshot was made of: absolute paths, each with a hash of the file's content. */
export type InputFiles = ReadonlyMap<string, string>

/**
 * Reads the files that a snapshot is made of.
 *
 * @param folder - Of the migrations: everything in it counts.
 * @param others - What they import from elsewhere, and seeds. One that is missing counts as missing.
 */
export async function readInputs(
  folder: string | undefined,
  others: Iterable<string>,
): Promise<InputFiles> {
  const options = { recursive: true, withFileTypes: true } as const
  const entries = folder === undefined ? [] : await readdir(folder, options).catch(() => [])
  const files = entries.filter((entry) => entry.isFile())
  const paths = new Set([...files.map((file) => join(file.parentPath, file.name)), ...others])
  const inputs = new Map<string, string>()
  for (const path of [...paths].toSorted()) {
    const content = await readFile(path).catch(() => undefined)
    if (content) inputs.set(path, createHash('sha256').update(content).digest('hex'))
  }
  return inputs
}

/** Says for people what has changed: `edited src/db/migrations/1-a.ts`. */
export function describeChanges(before: InputFiles, after: InputFiles, root: string): string[] {
  const name = (path: string): string => relative(root, path)
  const added = new Map([...after].filter(([path]) => !before.has(path)))
  const changes: string[] = []
  for (const [path, hash] of before) {
    const now = after.get(path)
    if (now === hash) continue
    if (now !== undefined) {
      changes.push(`edited ${name(path)}`)
      continue
    }
    const [renamed] = [...added].find(([, content]) => content === hash) ?? []
    if (renamed === undefined) changes.push(`deleted ${name(path)}`)
    else {
      added.delete(renamed)
      changes.push(`renamed ${name(path)} to ${name(renamed)}`)
    }
  }
  return [...changes, ...[...added.keys()].map((path) => `added ${name(path)}`)]
}
