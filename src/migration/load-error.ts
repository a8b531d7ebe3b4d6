import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { FaasPgError, MigrationFileError } from '../errors.ts'
import type { MigrationFile } from './source.ts'
import { typeScriptAlternative } from './typescript-hooks.ts'

interface Place {
  readonly path: string
  readonly line: number
}

/** Says which file could not be loaded, at which line, and why. */
export async function loadError(file: MigrationFile, error: unknown): Promise<Error> {
  if (error instanceof FaasPgError) return error
  const missing = missingImport(error)
  const isGone = missing?.target === file.path || readsFile(error, file.path)
  const place = isGone
    ? undefined
    : (importPlace(missing) ?? stackPlace(error) ?? (await syntaxPlace(error, file.path)))
  const at = place ? `${relative(process.cwd(), place.path)}:${place.line}` : file.path
  return new MigrationFileError('LOAD_FAILED', {
    what: `migration "${file.name}" could not be loaded${isGone ? ': its file is gone' : ` at ${at}`}`,
    why: isGone ? `${file.path} was there when the folder was listed` : reason(error, place),
    fix: fixFor(error, missing, isGone),
    details: {
      migration: file.name,
      file: file.path,
      ...(place && { source: at, line: place.line }),
    },
    cause: error,
  })
}

function reason(error: unknown, place: Place | undefined): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`
  const message = error.message
    // Where it is, is already said.
    .replace(place ? `${place.path}:${place.line}:` : '\0', '')
    .replace(/^\d+: /, '')
  return `${error.name}: ${message}`
}

interface MissingImport {
  /** What the file that imports it wrote, or the absolute path that Node made of it. */
  readonly target: string
  readonly importer: string
}

function missingImport(error: unknown): MissingImport | undefined {
  if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND' && codeOf(error) !== 'MODULE_NOT_FOUND') {
    return undefined
  }
  const { message } = error as Error
  const match = /^Cannot find (?:module|package) '([^']+)'(?: imported from (.+))?/.exec(message)
  const required = /Require stack:\n- (.+)/.exec(message)?.[1]
  const importer = match?.[2] ?? required
  return match?.[1] && importer
    ? { target: toPath(match[1]), importer: toPath(importer) }
    : undefined
}

/** The line with the import: Node names the file only. */
function importPlace(missing: MissingImport | undefined): Place | undefined {
  if (!missing) return undefined
  const name = missing.target.split('/').at(-1) ?? missing.target
  let lines: string[]
  try {
    lines = readFileSync(missing.importer, 'utf8').split('\n')
  } catch {
    return undefined
  }
  const line = lines.findIndex((text) => /['"`]/.test(text) && text.includes(name))
  return line === -1 ? undefined : { path: missing.importer, line: line + 1 }
}

/** The first line of the stack that is somebody's own code. */
function stackPlace(error: unknown): Place | undefined {
  if (!(error instanceof Error)) return undefined
  const frames = (error.stack ?? '').matchAll(/((?:file:\/\/)?\/[^\s()]+?\.[mc]?[jt]s):(\d+)/g)
  for (const [, path, line] of frames) {
    if (path && !path.includes('/node_modules/') && !toPath(path).startsWith(OWN_FOLDER)) {
      return { path: toPath(path), line: Number(line) }
    }
  }
  return undefined
}

/** Node keeps the line of a syntax error in JavaScript to itself: another parser tells. */
async function syntaxPlace(error: unknown, path: string): Promise<Place | undefined> {
  if (!(error instanceof SyntaxError)) return undefined
  try {
    const { transformSync } = await import('oxc-transform')
    const text = await readFile(path, 'utf8')
    const label = transformSync(path, text).errors[0]?.labels[0]
    return label && { path, line: text.slice(0, label.start).split('\n').length }
  } catch {
    return undefined
  }
}

const OWN_FOLDER = fileURLToPath(new URL('.', import.meta.url))

function fixFor(error: unknown, missing: MissingImport | undefined, isGone: boolean): string {
  if (isGone) return 'restore the file, or run the command again to go on without it'
  const sibling = missing && siblingOf(missing)
  if (sibling) return `write the import with its extension: ${sibling}`
  if (missing && !/^[./]/.test(missing.target)) {
    return /^[@~#]\/|^[~#]/.test(missing.target)
      ? 'use a relative import: the path aliases of tsconfig.json do not exist at run time'
      : `npm install ${packageOf(missing.target)}`
  }
  if (missing) return 'create the imported file, or correct the import'
  if (error instanceof SyntaxError) return 'correct the syntax of that line'
  if (codeOf(error) === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return 'name the migration .ts: only then are the TypeScript files it imports loaded too'
  }
  return 'correct the file: importing it must not fail, with or without a database'
}

/** What `require('./helpers')` meant: on Node 20 and 22 `require` does not try TypeScript's extensions. */
function siblingOf({ target, importer }: MissingImport): string | undefined {
  if (!target.startsWith('.')) return undefined
  const url = typeScriptAlternative(target, pathToFileURL(importer).href)
  if (url === undefined) return undefined
  const path = relative(dirname(importer), fileURLToPath(url))
  return path.startsWith('.') ? path : `./${path}`
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function readsFile(error: unknown, path: string): boolean {
  return codeOf(error) === 'ENOENT' && toPath(String(Reflect.get(error as Error, 'path'))) === path
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined
}

function toPath(pathOrUrl: string): string {
  return pathOrUrl.startsWith('file://') ? fileURLToPath(pathOrUrl) : pathOrUrl
}
