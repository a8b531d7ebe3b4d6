import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds after which somebody who was about to write is taken for dead. */
const PATIENCE = 5_000
const PAUSE = 20

/** A file that exists while its owner does, whose text says who that is. */
export class LockFile {
  readonly path: string
  #mine: string | undefined

  constructor(path: string) {
    this.path = path
  }

  /**
   * Creates the file, or takes over the one that is there.
   *
   * @param decide - Gets the text of the file that is there, and returns the text of ours, or throws to
   *   leave the file to its owner. Called again when the file has changed meanwhile.
   */
  async acquire(decide: (before: string | undefined) => string): Promise<void> {
    for (;;) {
      const before = read(this.path)
      const text = decide(before || undefined)
      // An empty file is one that is being created this very moment.
      const isOpenQuestion = before === '' && age(this.path) < PATIENCE
      const isOurs =
        !isOpenQuestion &&
        (before === undefined ? create(this.path, text) : this.#takeOver(before, text))
      if (isOurs) {
        this.#mine = text
        return
      }
      await sleep(PAUSE)
    }
  }

  /** Changes the text of our file. */
  replace(text: string): void {
    const draft = `${this.path}.${process.pid}`
    writeFileSync(draft, text)
    // In one step, so that no reader meets half a text.
    renameSync(draft, this.path)
    this.#mine = text
  }

  /** Removes our file. Safe to call twice. */
  release(): void {
    // Whoever removed the file by hand may have let somebody else in.
    if (this.#mine !== undefined && read(this.path) === this.#mine)
      rmSync(this.path, { force: true })
    this.#mine = undefined
  }

  /** Replaces the file of somebody who is gone, unless somebody else has done so already. */
  #takeOver(before: string, text: string): boolean {
    const guard = `${this.path}.takeover`
    if (!makeFolder(guard)) {
      if (age(guard) > PATIENCE) removeFolder(guard)
      return false
    }
    try {
      if (read(this.path) !== before) return false
      this.replace(text)
      return true
    } finally {
      removeFolder(guard)
    }
  }
}

function create(path: string, text: string): boolean {
  return unless('EEXIST', () => writeFileSync(path, text, { flag: 'wx' }))
}

function makeFolder(path: string): boolean {
  return unless('EEXIST', () => mkdirSync(path))
}

function removeFolder(path: string): void {
  unless('ENOENT', () => rmdirSync(path))
}

function read(path: string): string | undefined {
  let text: string | undefined
  unless('ENOENT', () => {
    text = readFileSync(path, 'utf8')
  })
  return text
}

/** Milliseconds since the last change. */
function age(path: string): number {
  let changed = Date.now()
  unless('ENOENT', () => {
    changed = statSync(path).mtimeMs
  })
  return Date.now() - changed
}

/** False when the file system answers with this error; any other is thrown. */
function unless(code: string, action: () => void): boolean {
  try {
    action()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false
    throw error
  }
}
