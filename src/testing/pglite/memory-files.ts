import { borrow, type Operations } from './borrowed-files.ts'

/** Where PGlite keeps its data directory. */
export const DATA_DIRECTORY = '/pglite/data'

/** A file or folder of Emscripten's in-memory file system, as far as it is used here. */
interface MemoryNode {
  readonly mode: number
  /** A file's bytes, or a folder's entries by name. */
  contents: Uint8Array | number[] | Record<string, MemoryNode> | null
  readonly stream_ops: Operations
  readonly node_ops: Operations
  /** How many of the bytes belong to the file. */
  usedBytes: number
  /** Milliseconds since 1970. */
  mtime: number
}

/** The parts of PGlite's Emscripten module that are used here. */
export interface MemoryModule {
  readonly FS: {
    isDir(mode: number): boolean
    isFile(mode: number): boolean
    lookupPath(path: string): { readonly node: MemoryNode }
    mkdirTree(path: string, mode: number): void
    quit(): void
  }
  readonly MEMFS: {
    /** The bytes of a file: its contents may be a plain array. */
    getFileDataAsTypedArray(node: MemoryNode): Uint8Array
    createNode(parent: MemoryNode, name: string, mode: number, device: number): MemoryNode
  }
}

const FOLDER_MODE = 0o040700
const FILE_MODE = 0o100600

/** One entry of a data directory: its path from the top, and a file's bytes. */
export interface DataEntry {
  /** Begins with a slash. A folder comes before what is in it. */
  readonly path: string
  readonly content: Uint8Array | undefined
}

/** When a file at the top of the data directory was written last, in milliseconds; undefined when there is none. */
export function writtenAt(module: MemoryModule, name: string): number | undefined {
  const { contents } = module.FS.lookupPath(DATA_DIRECTORY).node
  return (contents as Record<string, MemoryNode>)[name]?.mtime
}

/** Lists what is in the data directory. The bytes are the live ones, not copies. */
export function* readDataDirectory(module: MemoryModule): Generator<DataEntry> {
  yield* readFolder(module, module.FS.lookupPath(DATA_DIRECTORY).node, '')
}

function* readFolder(module: MemoryModule, folder: MemoryNode, path: string): Generator<DataEntry> {
  for (const [name, node] of Object.entries(
    (folder.contents ?? {}) as Record<string, MemoryNode>,
  )) {
    const entryPath = `${path}/${name}`
    if (module.FS.isDir(node.mode)) {
      yield { path: entryPath, content: undefined }
      yield* readFolder(module, node, entryPath)
    } else if (module.FS.isFile(node.mode)) {
      yield { path: entryPath, content: module.MEMFS.getFileDataAsTypedArray(node) }
    }
  }
}

/** Makes the data directory out of entries. Their bytes are never written to. */
export function writeDataDirectory(module: MemoryModule, entries: Iterable<DataEntry>): void {
  module.FS.mkdirTree(DATA_DIRECTORY, 0o700)
  const folders = new Map([['', module.FS.lookupPath(DATA_DIRECTORY).node]])
  for (const { path, content } of entries) {
    const slash = path.lastIndexOf('/')
    const parent = folders.get(path.slice(0, slash))
    if (!parent) throw new Error(`"${path}" comes before its folder`)
    const name = path.slice(slash + 1)
    if (content) {
      const node = module.MEMFS.createNode(parent, name, FILE_MODE, 0)
      node.contents = content
      node.usedBytes = content.length
      // The same at each start: by it a change of settings is noticed.
      node.mtime = 0
      borrow(node)
    } else {
      folders.set(path, module.MEMFS.createNode(parent, name, FOLDER_MODE, 0))
    }
  }
}
