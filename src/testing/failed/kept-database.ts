import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { ProcessIdentity } from '../../database/engines/process-identity.ts'

/** A test that failed. */
export interface FailedTest {
  /** `file > describe > test` */
  readonly name: string
  /** The first line of its error. */
  readonly error: string
}

/** Where a database is kept. */
export type KeptPlace =
  /** In a file of the folder. */
  | { readonly kind: 'pglite' }
  /** On a server that somebody runs. */
  | { readonly kind: 'url'; readonly url: string }
  /** On a private server; when that has ended, in a data directory. */
  | {
      readonly kind: 'private'
      readonly url: string
      readonly database: string
      /** The data directory, below the folder of all kept databases. */
      readonly cluster: string
      /** The folder of the programs, where it is not that of the package. */
      readonly binaries: string | undefined
    }

/** What is known of the kept database of a failed test. */
export interface KeptDatabase extends FailedTest {
  /** ISO 8601. */
  readonly at: string
  /** The process that kept it. */
  readonly run: ProcessIdentity
  readonly place: KeptPlace
}

export const ABOUT_FILE = 'about.json'
/** Of data directories of private servers. */
export const CLUSTER_PREFIX = 'server-'
/** Of PGlite, in the folder of its number. */
export const SNAPSHOT_FILE = 'database.snapshot'

/** Where the databases of failed tests are kept: below the folder in which Vitest was started. */
export function failedFolder(root: string = process.cwd()): string {
  return join(root, '.faasjs-pg', 'failed')
}

/** What is kept under a number; undefined when that is nothing. */
export async function readKept(folder: string, number: number): Promise<KeptDatabase | undefined> {
  const path = join(folder, String(number), ABOUT_FILE)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as KeptDatabase
  } catch {
    // Half of it, or somebody else's.
    return undefined
  }
}

/** All that is kept, by number. */
export async function listKept(folder: string): Promise<Map<number, KeptDatabase>> {
  const names = await readdir(folder).catch(() => [])
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const found = new Map<number, KeptDatabase>()
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const kept = await readKept(folder, number)
    if (kept) found.set(number, kept)
  }
  return found
}
