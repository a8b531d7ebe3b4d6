import { createHash, type Hash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, extname, join, relative, resolve, sep } from 'node:path'

// Extensions that an import may leave out, and what a `.js` in TypeScript stands for.
const CODE = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json']
const COMPILED: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts' }
const IS_CODE = /\.[mc]?[jt]sx?$/

const STRING = /'([^'\\\n]{2,200})'|"([^"\\\n]{2,200})"|`([^`\\\n$]{2,200})`/g
const IMPORTED = /\b(?:from|import|require)\s*\(?\s*(?:'([^'\n]+)'|"([^"\n]+)")/g
const VARIABLE = /process\.env(?:\.(\w+)|\[['"](\w+)['"]\])/g
// Variables and modules whose names are made while it runs.
const UNNAMED =
  /\bprocess\.env(?!\.\w|\[['"]\w+['"]\])|\bfrom\s*['"](?:node:)?process['"]|\b(?:import|require)\s*\((?!\s*(?:'[^'\n]*'|"[^"\n]*"|`[^`$]*`)\s*[,)])/
const READS_FILES = /\b(?:readFile|createReadStream|readdir|opendir|openAsBlob|glob)/
const PACKAGE_NAME = /^(?:@[\w.~-]+\/)?[\w.~-]+/

interface Inputs {
  readonly hash: Hash
  readonly seen: Set<string>
  isKnown: boolean
}

/**
 * Hashes a migration with everything it depends on, as far as its text shows: the modules and data files
 * that it names, and those that they name; the versions of packages; the environment variables it reads.
 *
 * Every string that is the path of a file counts, whatever it is used for: a seed read with `readFile` is
 * as much a part of the migration as an imported module. A file too many costs a rebuild, no more. Where a
 * module reads files and names none, or modules and variables whose names are made as it runs, what it reads is
 * unknown, and so is the hash.
 */
export class MigrationInputs {
  readonly #root: string
  readonly #texts = new Map<string, Buffer>()

  /** @param root Paths may be relative to this folder, too: the working directory. */
  constructor(root: string) {
    this.#root = root
  }

  /** Every file that was read. */
  get files(): string[] {
    return [...this.#texts.keys()]
  }

  /**
   * @param paths - Absolute; of files that exist.
   * @returns undefined when it cannot be known what the migration depends on.
   */
  hash(paths: readonly string[]): string | undefined {
    const hash = createHash('sha256')
    const inputs: Inputs = { hash, seen: new Set(), isKnown: true }
    for (const path of paths) this.#addFile(inputs, path)
    return inputs.isKnown ? hash.digest('hex') : undefined
  }

  #addFile(inputs: Inputs, path: string): void {
    if (inputs.seen.has(path)) return
    inputs.seen.add(path)
    const content = this.#read(path)
    inputs.hash.update(`${relative(this.#root, path)}\0${content.length}\0`).update(content)
    if (IS_CODE.test(path)) this.#addMentioned(inputs, path, content.toString())
  }

  #addMentioned(inputs: Inputs, path: string, text: string): void {
    for (const [, dotted, quoted] of text.matchAll(VARIABLE)) {
      const name = dotted ?? quoted ?? ''
      inputs.hash.update(`${name}=${process.env[name] ?? ''}\0`)
    }
    let data = 0
    for (const [, single, double, template] of text.matchAll(STRING)) {
      const mention = single ?? double ?? template ?? ''
      const found = this.#findFile(mention, dirname(path))
      if (found === undefined) continue
      if (!IS_CODE.test(found)) data++
      this.#addPath(inputs, found)
    }
    for (const [, single, double] of text.matchAll(IMPORTED)) {
      this.#addPackage(inputs, single ?? double ?? '', path)
    }
    if (UNNAMED.test(text) || (data === 0 && READS_FILES.test(text))) inputs.isKnown = false
  }

  #addPath(inputs: Inputs, path: string): void {
    if (!statSync(path).isDirectory()) {
      this.#addFile(inputs, path)
      return
    }
    const files = filesIn(path)
    if (files) for (const file of files) this.#addFile(inputs, file)
    else inputs.isKnown = false
  }

  /** A package of this repository is code like any other; of an installed one the version says it all. */
  #addPackage(inputs: Inputs, specifier: string, from: string): void {
    const [name] = PACKAGE_NAME.exec(specifier) ?? []
    if (name === undefined || name.startsWith('.') || isBuiltin(specifier)) return
    const folder = findPackage(name, dirname(from))
    if (folder === undefined) return
    const actual = realpathSync(folder)
    if (actual.split(sep).includes('node_modules')) {
      this.#addFile(inputs, join(actual, 'package.json'))
      return
    }
    try {
      this.#addFile(inputs, realpathSync(createRequire(from).resolve(specifier)))
    } catch {
      // For `import` only: its package.json must do.
      this.#addFile(inputs, join(actual, 'package.json'))
    }
  }

  #findFile(mention: string, folder: string): string | undefined {
    const isRelative = /^\.{1,2}(?:\/|$)/.test(mention)
    // A name without folder and extension is any word; with either it may be a path.
    if (!isRelative && !/[./]/.test(mention)) return undefined
    const bases = [resolve(folder, mention), resolve(this.#root, mention)]
    for (const base of bases) {
      for (const candidate of isRelative ? spellings(base) : [base]) {
        if (isPath(candidate, isRelative)) return candidate
      }
    }
    return undefined
  }

  #read(path: string): Buffer {
    let text = this.#texts.get(path)
    if (!text) {
      text = readFileSync(path)
      this.#texts.set(path, text)
    }
    return text
  }
}

function spellings(base: string): string[] {
  const extension = extname(base)
  const source = COMPILED[extension]
  return [
    base,
    ...(source === undefined ? [] : [base.slice(0, -extension.length) + source]),
    ...CODE.map((code) => base + code),
  ]
}

function isPath(path: string, isRelative: boolean): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats !== undefined && (stats.isFile() || (stats.isDirectory() && isRelative))
}

// Enough for seeds. One that names the whole repository means something else by it.
const MOST_FILES = 500

function filesIn(folder: string): string[] | undefined {
  const files: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile()) files.push(join(folder, entry.name))
  }
  return files.length > MOST_FILES ? undefined : files.toSorted()
}

function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name)
    if (statSync(join(path, 'package.json'), { throwIfNoEntry: false })) return path
    if (folder === dirname(folder)) return undefined
  }
}
