import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

import type { PGlite } from '@electric-sql/pglite'

import { installCommand } from '../../database/missing-peer.ts'
import { replies } from '../server/replies.ts'
import { raiseStatement } from '../server/unsupported.ts'
import { readArchive } from './archive.ts'
import { availableExtensions, findBundle } from './bundles.ts'

const PREFIX = '/pglite'
const NAME = /^[\w-]{1,63}$/
const CONTROLS = `${PREFIX}/share/postgresql/extension`

/** The parts of PGlite's Emscripten file system that are used here. */
interface EngineFiles {
  analyzePath(path: string): { readonly exists: boolean }
  mkdirTree(path: string): void
  writeFile(path: string, content: Uint8Array | string): void
}

/** Names in `CREATE EXTENSION` statements, and `CREATE LANGUAGE`, which is the same, as PostgreSQL reads them. */
export function extensionNames(sql: string): string[] {
  const found = sql.matchAll(
    /\bcreate\s+(?:extension|(?:or\s+replace\s+)?(?:trusted\s+)?(?:procedural\s+)?language)\s+(?:if\s+not\s+exists\s+)?(?:"((?:[^"]|"")+)"|([a-z_][\w$]*))/gi,
  )
  return [...found].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '').toLowerCase() : quoted.replaceAll('""', '"'),
  )
}

/**
 * Lets `CREATE EXTENSION` find what PGlite brings and what packages of the project bring: extensions
 * are unpacked into the running engine when a statement names them, and what the database uses
 * already is unpacked now.
 *
 * One that cannot be had is made to say so: what is there instead, and what to do.
 */
export async function enableExtensions(pglite: PGlite): Promise<void> {
  const engine = pglite as Pick<PGlite, 'execProtocolRawSync'>
  // All other ways to run something go through this one.
  const { execProtocolRawSync } = engine
  engine.execProtocolRawSync = (bytes, ...rest) => {
    prepare(pglite, bytes)
    return execProtocolRawSync.call(pglite, bytes, ...rest)
  }

  const [installed] = await pglite.exec('SELECT extname FROM pg_catalog.pg_extension')
  for (const { extname } of (installed?.rows ?? []) as { extname: string }[]) {
    for (const library of unpack(pglite, extname)) {
      // Loaded now, so that the state of the engine with it in memory can be put back. A few want to be
      // loaded by the server's start only, and say so.
      await pglite.exec(`LOAD '$libdir/${library}'`).catch(() => {})
    }
  }
}

const MARKS = ['xtension', 'XTENSION', 'anguage', 'ANGUAGE'].map((mark) => Buffer.from(mark))

/** Most messages cost four searches for bytes here. */
function prepare(pglite: PGlite, message: Uint8Array): void {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  if (!MARKS.some((mark) => bytes.includes(mark))) return
  for (const { start, end } of replies(bytes)) {
    // Without the length: its last byte may look like a letter.
    for (const name of extensionNames(bytes.toString('utf8', start + 5, end))) unpack(pglite, name)
  }
}

/** Unpacks an extension and what it requires, and returns the names of their libraries. */
function unpack(pglite: PGlite, name: string): string[] {
  const files = (pglite.Module as unknown as { FS: EngineFiles }).FS
  const control = `${CONTROLS}/${name}.control`
  if (!NAME.test(name) || files.analyzePath(control).exists) return []
  const bundle = findBundle(name)
  if (bundle?.kind !== 'file') {
    files.writeFile(control, `default_version = '0'\nrelocatable = true\n`)
    files.writeFile(`${CONTROLS}/${name}--0.sql`, unavailable(name, bundle?.name))
    return []
  }
  const libraries: string[] = []
  let required: string[] = []
  for (const { path, content } of readArchive(readFileSync(bundle.path))) {
    const target = `${PREFIX}/${path}`
    files.mkdirTree(target.slice(0, target.lastIndexOf('/')))
    files.writeFile(target, content)
    if (target === control) required = requiredExtensions(Buffer.from(content).toString())
    if (path.endsWith('.so')) libraries.push(basename(path, '.so'))
  }
  return [...required.flatMap((other) => unpack(pglite, other)), ...libraries]
}

function requiredExtensions(control: string): string[] {
  const [, list] = control.match(/^\s*requires\s*=\s*'([^']*)'/m) ?? []
  return list?.split(',').map((name) => name.trim()) ?? []
}

/** A script that fails with the reason why there is no such extension. */
function unavailable(name: string, ownPackage: string | undefined): string {
  return `${raiseStatement({
    code: '0A000',
    message: `extension "${name}" is not available in the embedded engine`,
    detail:
      ownPackage === undefined
        ? `Available: ${availableExtensions().join(', ')}.`
        : `The package "${ownPackage}" has it, and is not installed.`,
    hint:
      ownPackage === undefined
        ? 'Tests that need it need a real PostgreSQL server that has it.'
        : installCommand(ownPackage),
  })};`
}
