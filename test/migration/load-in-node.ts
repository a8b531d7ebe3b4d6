import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { MigrationFile } from '../../src/migration/source.ts'

/** What became of a file: what its `up` returned, or the error. */
export interface Loaded {
  readonly up?: unknown
  readonly down?: string
  readonly error?: {
    readonly code: string
    readonly what: string
    readonly why: string
    readonly fix: string
    readonly details: Readonly<Record<string, unknown>>
    readonly cause: string
  }
}

const LOADER = new URL('../../dist/migration/load.js', import.meta.url).href

const SCRIPT = `
import { isMainThread, Worker, workerData } from 'node:worker_threads'
const { files, inWorker } = isMainThread ? JSON.parse(process.argv[1]) : workerData
if (isMainThread && inWorker) {
  new Worker(new URL(import.meta.url), { workerData: { files, inWorker } })
} else {
  const { loadMigration } = await import('${LOADER}')
  const results = []
  for (const file of files) {
    try {
      const { up, down } = await loadMigration(file)
      results.push({ up: await up({}), down: typeof down === 'function' ? 'function' : String(down) })
    } catch (error) {
      results.push({ error: { ...error.toJSON?.(), cause: String(error.cause) } })
    }
  }
  process.stdout.write(JSON.stringify(results))
}
`

/**
 * Loads migrations in a Node process of its own, with the built package: inside Vitest every import
 * would go through Vite, which loads TypeScript in a way of its own.
 */
export async function loadInNode(
  files: readonly MigrationFile[],
  options: { readonly inWorker?: boolean } = {},
): Promise<Loaded[]> {
  const input = JSON.stringify({ files, inWorker: options.inWorker === true })
  // A worker cannot be started from source on the command line, so the source is a module of its own.
  const module = `data:text/javascript,${encodeURIComponent(SCRIPT)}`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', `await import(${JSON.stringify(module)})`, input],
    { env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: 1 << 26 },
  )
  return JSON.parse(stdout) as Loaded[]
}
