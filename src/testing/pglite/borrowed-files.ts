// Leans on how Emscripten keeps files in memory, as `memory-restore.ts` does.

/** A file of Emscripten's in-memory file system, as far as it is used here. */
interface File {
  contents: unknown
  readonly stream_ops: Operations
  readonly node_ops: Operations
}

/** What can be done with a file, by name. */
export type Operations = Record<string, (subject: never, ...rest: unknown[]) => unknown>

const borrowed = new WeakSet<Uint8Array>()
const guarded = new WeakSet<Operations>()

/**
 * Says that a file's bytes belong to somebody else as well: to other threads, or to a state that may be
 * put back. The file gets a copy of its own as soon as it is written to.
 */
export function borrow(file: File): void {
  if (!(file.contents instanceof Uint8Array)) return
  borrowed.add(file.contents)
  // All files of an engine share these tables, the open ones as well.
  guard(file.stream_ops, ['write', 'allocate', 'mmap', 'msync'])
  guard(file.node_ops, ['setattr'])
}

function guard(operations: Operations, names: readonly string[]): void {
  if (guarded.has(operations)) return
  guarded.add(operations)
  for (const name of names) {
    const operation = operations[name]
    if (!operation) continue
    operations[name] = (subject: File | { readonly node: File }, ...rest) => {
      own('node' in subject ? subject.node : subject)
      return operation(subject as never, ...rest)
    }
  }
}

function own(file: File): void {
  const { contents } = file
  if (contents instanceof Uint8Array && borrowed.has(contents)) file.contents = contents.slice()
}
