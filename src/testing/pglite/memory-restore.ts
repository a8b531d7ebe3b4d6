// Everything in this file leans on how Emscripten and PGlite are made inside. Whoever uses it must be able
// to do without, and must look whether the database is what it was after the first restore.
import type { PGlite } from '@electric-sql/pglite'

import { borrow, type Operations } from './borrowed-files.ts'
import { DATA_DIRECTORY } from './memory-files.ts'

/**
 * Puts the database back to the moment of `saveState`: rows, schema, roles, settings, sequences, the
 * session and its prepared statements. Takes milliseconds.
 *
 * @returns false when it cannot be done: the engine has loaded a library since, whose code would be lost.
 */
export type RestoreState = () => boolean

/** The parts of the running program that are used here. */
interface Exports {
  emscripten_get_sbrk_ptr(): number
  readonly __indirect_function_table: { readonly length: number }
}

interface Module {
  readonly wasmMemory: { readonly buffer: ArrayBuffer }
  readonly FS: FileSystem
}

interface FileSystem {
  nextInode: number
  readonly streams: (Stream | null | undefined)[]
  isDir(mode: number): boolean
  isFile(mode: number): boolean
  lookupPath(path: string): { readonly node: Node }
  hashAddNode(node: Node): void
  hashRemoveNode(node: Node): void
}

/** A file or a folder. */
interface Node {
  name: string
  parent: Node
  mode: number
  contents: Uint8Array | Record<string, Node> | null
  usedBytes: number
  stream_ops: Operations
  node_ops: Operations
}

/** An open file. */
interface Stream {
  fd: number | null
  node: Node
  flags: number
  position: number
}

const PAGE = 65_536

/** The versions of PGlite this has been tried with: others must pass a test before they are relied on. */
export function isKnownVersion(version: string): boolean {
  const [, patch] = /^0\.5\.(\d+)$/.exec(version) ?? []
  return patch !== undefined && Number(patch) >= 14
}

const programs = new WeakMap<PGlite, Exports>()

/** Makes `saveState` possible: to be called before the engine starts, with its start options. */
export function watchStart<Options extends object>(pglite: PGlite, options: Options): Options {
  type Instantiate = (
    imports: unknown,
    done: (instance: Instance, module: unknown) => void,
  ) => unknown
  type Instance = { readonly exports: Exports }
  const { instantiateWasm } = options as { instantiateWasm?: Instantiate }
  if (!instantiateWasm) return options
  const watched: Instantiate = (imports, done) =>
    instantiateWasm(imports, (instance, module) => {
      programs.set(pglite, instance.exports)
      done(instance, module)
    })
  return { ...options, instantiateWasm: watched }
}

/**
 * Notes the whole state of a database: the engine's memory, and its files, whose bytes are copied when they
 * are first written to. No statement may be running.
 *
 * @returns undefined when this version of PGlite does not have what it takes.
 */
export function saveState(pglite: PGlite): RestoreState | undefined {
  const program = programs.get(pglite)
  const { wasmMemory, FS } = pglite.Module as unknown as Partial<Module>
  const isKnown =
    typeof program?.emscripten_get_sbrk_ptr === 'function' &&
    typeof program.__indirect_function_table?.length === 'number' &&
    typeof FS?.hashAddNode === 'function' &&
    Array.isArray(FS.streams) &&
    wasmMemory?.buffer instanceof ArrayBuffer
  if (!program || !isKnown) return undefined

  const restoreMemory = saveMemory(wasmMemory, program)
  const restoreFiles = saveFiles(FS)
  const libraries = program.__indirect_function_table.length
  return () => {
    if (program.__indirect_function_table.length !== libraries) return false
    restoreMemory()
    restoreFiles()
    return true
  }
}

/** The pages in use that hold anything. What is zero is as good as never used. */
function saveMemory(memory: Module['wasmMemory'], program: Exports): () => void {
  const end = (): number => {
    const address = program.emscripten_get_sbrk_ptr()
    const words = new Uint32Array(memory.buffer, address, 1)
    return Math.ceil((words[0] ?? 0) / PAGE) * PAGE
  }
  const zeros = Buffer.alloc(PAGE)
  const live = Buffer.from(memory.buffer)
  const savedEnd = end()
  const runs: { readonly start: number; end: number }[] = []
  for (let start = 0; start < savedEnd; start += PAGE) {
    if (live.compare(zeros, 0, PAGE, start, start + PAGE) === 0) continue
    const last = runs.at(-1)
    if (last?.end === start) last.end += PAGE
    else runs.push({ start, end: start + PAGE })
  }
  const copies = runs.map((run) => ({
    ...run,
    bytes: new Uint8Array(memory.buffer.slice(run.start, run.end)),
  }))

  return () => {
    const usedEnd = Math.max(end(), savedEnd)
    // Taken anew each time: the buffer is another one after the memory has grown.
    const bytes = new Uint8Array(memory.buffer)
    let position = 0
    for (const copy of copies) {
      bytes.fill(0, position, copy.start)
      bytes.set(copy.bytes, copy.start)
      position = copy.end
    }
    bytes.fill(0, position, usedEnd)
  }
}

type SavedFile = Pick<Node, 'contents' | 'usedBytes' | 'mode'>

/** The tree of files and the open ones. */
function saveFiles(FS: FileSystem): () => void {
  const folders: { readonly node: Node; readonly entries: Record<string, Node> }[] = []
  const files = new Map<Node, SavedFile>()
  const walk = (node: Node): void => {
    const entries = { ...(node.contents as Record<string, Node>) }
    folders.push({ node, entries })
    for (const entry of Object.values(entries)) {
      if (FS.isDir(entry.mode)) walk(entry)
      else if (FS.isFile(entry.mode)) {
        const { contents, usedBytes, mode } = entry
        files.set(entry, { contents, usedBytes, mode })
        borrow(entry)
      }
    }
  }
  walk(FS.lookupPath(DATA_DIRECTORY).node)

  const streams = FS.streams.map((stream) => {
    if (!stream) return undefined
    const { node, flags, position } = stream
    return { stream, node, flags, position }
  })
  const { nextInode } = FS

  return () => {
    for (const { node, entries } of folders) restoreFolder(FS, node, entries)
    for (const [node, saved] of files) Object.assign(node, saved)
    FS.streams.length = streams.length
    for (const [fd, saved] of streams.entries()) {
      FS.streams[fd] = saved?.stream
      // Closing a file takes its number away.
      if (saved) {
        const { node, flags, position } = saved
        Object.assign(saved.stream, { fd, node, flags, position })
      }
    }
    FS.nextInode = nextInode
  }
}

function restoreFolder(FS: FileSystem, folder: Node, entries: Record<string, Node>): void {
  const current = folder.contents as Record<string, Node>
  for (const [name, node] of Object.entries(current)) {
    if (entries[name] === node) continue
    FS.hashRemoveNode(node)
    delete current[name]
  }
  for (const [name, node] of Object.entries(entries)) {
    if (current[name] === node) continue
    FS.hashRemoveNode(node)
    Object.assign(node, { name, parent: folder })
    current[name] = node
    FS.hashAddNode(node)
  }
}
