import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import { missingPeer } from '../../database/missing-peer.ts'
import type { ConfigError } from '../../errors.ts'
import { compileProgram, type Program } from './compile-program.ts'

/** The large parts of PGlite, made once for all threads of this process. */
export interface EngineParts {
  /** Compiled: threads that share it also share the code that V8 has optimised by now. */
  readonly program: Program
  /** The files that PostgreSQL is installed as, in shared memory. */
  readonly files: SharedArrayBuffer
  /** Of PGlite. */
  readonly version: string
}

let parts: Promise<EngineParts> | undefined

/** @throws {ConfigError} `MISSING_PEER` when PGlite is not installed. */
export function sharedEngineParts(): Promise<EngineParts> {
  parts ??= loadEngineParts()
  return parts
}

async function loadEngineParts(): Promise<EngineParts> {
  const { folder } = findEngine()
  const [wasm, files] = await Promise.all([
    readFile(join(folder, 'pglite.wasm')),
    readFile(join(folder, 'pglite.data')),
  ])
  return {
    program: await compileProgram(wasm),
    files: shared(files),
    version: engineVersion(),
  }
}

/** @throws {ConfigError} `MISSING_PEER` when PGlite is not installed. */
export function engineVersion(): string {
  const { folder } = findEngine()
  const text = readFileSync(join(dirname(folder), 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** What a missing PGlite is reported as. */
export function missingEngine(cause: unknown): ConfigError {
  return missingPeer(
    '@electric-sql/pglite',
    'test databases need the package "@electric-sql/pglite"',
    cause,
  )
}

function findEngine(): { readonly folder: string } {
  try {
    return { folder: dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')) }
  } catch (error) {
    throw missingEngine(error)
  }
}

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length)
  new Uint8Array(buffer).set(bytes)
  return buffer
}
