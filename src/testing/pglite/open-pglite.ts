import type { PGlite, PGliteOptions } from '@electric-sql/pglite'

import { enableExtensions } from '../extensions/enable-extensions.ts'
import { type EngineParts, missingEngine } from './engine-parts.ts'
import {
  type MemoryModule,
  readDataDirectory,
  writeDataDirectory,
  writtenAt,
} from './memory-files.ts'
import { watchStart } from './memory-restore.ts'
import { INITDB_PARAMETERS, startParameters } from './settings.ts'
import { packSnapshot, type Snapshot, unpackSnapshot } from './snapshot.ts'

type FileSystem = NonNullable<PGliteOptions['fs']>

/** Opens a new, empty database cluster in memory. Seconds, as it runs `initdb`. */
export async function createPGlite(parts?: EngineParts): Promise<PGlite> {
  const PGlite = await importPGlite()
  const pglite = await PGlite.create({
    startParams: startParameters(PGlite.defaultStartParams),
    initDbStartParams: [...INITDB_PARAMETERS],
    ...(parts && partsOf(parts)),
  })
  await enableExtensions(pglite)
  return pglite
}

export interface OpenOptions {
  readonly parts?: EngineParts
  /** Only the wire protocol will be spoken: PGlite need not ask what array types there are. */
  readonly raw?: boolean
}

/** Opens a database from a snapshot. */
export async function openPGlite(
  snapshot: Snapshot,
  { parts, raw = false }: OpenOptions = {},
): Promise<PGlite> {
  const PGlite = await importPGlite()
  const pglite = await PGlite.create({
    fs: snapshotFiles(snapshot, raw),
    startParams: startParameters(PGlite.defaultStartParams),
    ...(parts && partsOf(parts)),
  })
  await enableExtensions(pglite)
  return pglite
}

function partsOf(parts: EngineParts): Pick<PGliteOptions, 'pgliteWasmModule' | 'fsBundle'> {
  return { pgliteWasmModule: parts.program, fsBundle: bundle(parts) }
}

/** What PGlite reads its files from is a `Blob` by type; this is the one method it calls. */
function bundle({ files }: EngineParts): NonNullable<PGliteOptions['fsBundle']> {
  // Shared memory is refused.
  const blob = { arrayBuffer: async () => new Uint8Array(files).slice().buffer }
  return blob as unknown as NonNullable<PGliteOptions['fsBundle']>
}

/** Shuts a database down and packs what it leaves. */
export async function closeIntoSnapshot(pglite: PGlite): Promise<Snapshot> {
  const files = pglite.fs
  if (!files) throw new Error('a database without files cannot be packed')
  const module = memoryModule(pglite)
  const closeFs = files.closeFs.bind(files)
  let snapshot: Snapshot | undefined
  // Called when the server has stopped and its files are still there.
  files.closeFs = async () => {
    snapshot = packSnapshot(readDataDirectory(module))
    await closeFs()
  }
  await pglite.close()
  if (!snapshot) throw new Error('the database was closed without its files')
  return snapshot
}

/** Packs the files of a database that goes on. What was written since the last checkpoint is recovered at each start. */
export function packRunning(pglite: PGlite): Snapshot {
  const entries = [...readDataDirectory(memoryModule(pglite))]
  return packSnapshot(entries.filter(({ path }) => path !== '/postmaster.pid'))
}

/** When ALTER SYSTEM has written settings last, in milliseconds; undefined before it ever did. */
export function settingsWrittenAt(pglite: PGlite): number | undefined {
  return writtenAt(memoryModule(pglite), 'postgresql.auto.conf')
}

/** PGlite's file system interface, filled from a snapshot before the server starts. */
function snapshotFiles(snapshot: Snapshot, raw: boolean): FileSystem {
  let pglite: PGlite
  return {
    async init(instance, options) {
      pglite = instance
      if (raw) Object.assign(instance, { _initArrayTypes: async () => {} })
      return { emscriptenOpts: watchStart(instance, options) }
    },
    async initialSyncFs() {
      writeDataDirectory(memoryModule(pglite), unpackSnapshot(snapshot))
    },
    async syncToFs() {},
    async closeFs() {
      memoryModule(pglite).FS.quit()
    },
    async dumpTar() {
      throw new Error('a test database is packed with closeIntoSnapshot()')
    },
  }
}

function memoryModule(pglite: PGlite): MemoryModule {
  return pglite.Module
}

/** Loads PGlite's code: while something else is waited for, as it takes a while. */
export async function importPGlite(): Promise<typeof PGlite> {
  try {
    const { PGlite } = await import('@electric-sql/pglite')
    return PGlite
  } catch (error) {
    throw missingEngine(error)
  }
}
