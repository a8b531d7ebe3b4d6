import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'

import { MigrationFileError, TestDatabaseError } from '../../errors.ts'
import { findMigrations, type MigrationFile } from '../../migration/source.ts'
import { describeChanges, type InputFiles, readInputs } from '../cache/input-changes.ts'
import { type SnapshotKeys, snapshotKeys } from '../cache/snapshot-keys.ts'

export interface SnapshotSource {
  /** Absolute path of the migrations; undefined for none. */
  readonly folder: string | undefined
  /** Somebody asked for this folder: that it is missing is an error, not an empty database. */
  readonly explicit: boolean
  /** Absolute paths of seeds, which run after the migrations, in this order. */
  readonly seeds: readonly string[]
  /** The project: where paths in migrations and the search for `node_modules` start. */
  readonly root: string
  /** False to keep nothing on disk. */
  readonly cache: boolean
}

export interface SnapshotEvents {
  /** There are no migrations: databases are empty, but for seeds. `true`: not even their folder is there. */
  readonly onNoMigrations?: (isFolderMissing: boolean) => void
  /** What the snapshot is made of, as absolute paths: an edit of one of these concerns every test. */
  readonly onInputs?: (paths: readonly string[]) => void
  /** The migrations cannot be run. */
  readonly onFailure?: (error: Error) => void
  /** No folder takes snapshots: the next run builds again. */
  readonly onUnwritable?: (folders: readonly string[]) => void
}

/** How the snapshot came about. */
export interface SnapshotOrigin {
  /** `disk`: read from the cache. `built`: migrations ran, some or all of them. */
  readonly kind: 'disk' | 'built'
  /** How many migrations ran. */
  readonly migrations: number
  /** Milliseconds. */
  readonly duration: number
}

/** What was made, and by how many migrations; undefined when it was there already. */
export interface Made<T> {
  readonly value: T
  readonly migrations: number | undefined
}

/**
 * Makes the baseline of migrations and seeds for everyone who asks, once; a failure is kept, too. What a baseline
 * is, and where it is kept, is the engine's.
 */
export abstract class BaselineStore<T> {
  protected readonly source: SnapshotSource
  protected readonly events: SnapshotEvents
  #value: Promise<T> | undefined
  #isKept: Promise<boolean> | undefined
  #failed = false
  #origin: SnapshotOrigin | undefined
  #key: string | undefined
  /** What the baseline is made of. */
  #inputs: InputFiles = new Map()

  constructor(source: SnapshotSource, events: SnapshotEvents = {}) {
    this.source = source
    this.events = events
  }

  /** How the last one came about; undefined when nobody has asked for one. */
  get origin(): SnapshotOrigin | undefined {
    return this.#origin
  }

  /** The key of what was made; undefined when nothing was, or it cannot be known what it is made of. */
  get key(): string | undefined {
    return this.#key
  }

  get(): Promise<T> {
    this.#value ??= this.#make().catch((error: Error) => {
      this.#failed = true
      this.events.onFailure?.(error)
      throw error
    })
    return this.#value
  }

  /** It is there, or kept: no migration has to run for it. */
  async isAtHand(): Promise<boolean> {
    if (this.#value) return this.#origin !== undefined
    this.#isKept ??= this.#survey()
      .then(({ keys }) => this.isKept(keys))
      .catch(() => false)
    return await this.#isKept
  }

  /**
   * Whether a new one is needed: something has changed since, or could not be run. What has changed, for
   * people; undefined when nothing has.
   */
  async changes(): Promise<readonly string[] | undefined> {
    if (!this.#value) return undefined
    const keys = await this.#survey().then(
      (survey) => survey.keys,
      () => undefined,
    )
    // Of what is no longer used nothing is to be said.
    const inputs = await this.#readInputs(keys, this.#inputs.keys())
    const changes = describeChanges(this.#inputs, inputs, this.source.root)
    return this.#failed || changes.length > 0 ? changes : undefined
  }

  /** What was made is lost: the next one who asks gets another one like it. */
  protected lose(): void {
    this.#value = undefined
  }

  /** The next one who asks gets a new one. */
  forget(): void {
    this.#value = undefined
    this.#key = undefined
    this.#origin = undefined
    this.#isKept = undefined
    this.#failed = false
  }

  /** The version of the engine, which is part of every key. */
  protected abstract engineVersion(): string | Promise<string>

  /** Whether it is kept from an earlier run. */
  protected abstract isKept(keys: SnapshotKeys): Promise<boolean>

  protected abstract make(files: readonly MigrationFile[], keys: SnapshotKeys): Promise<Made<T>>

  async #make(): Promise<T> {
    const start = performance.now()
    const { files, keys } = await this.#survey().catch(async (error: unknown) => {
      await this.#noteInputs(undefined)
      throw error
    })
    await this.#noteInputs(keys)
    this.#key = keys.baseline
    const isFirst = this.#origin === undefined
    if (files.length === 0 && isFirst)
      this.events.onNoMigrations?.(!existsSync(this.source.folder ?? ''))
    const { value, migrations } = await this.make(files, keys)
    const kind = migrations === undefined ? 'disk' : 'built'
    this.#origin ??= { kind, migrations: migrations ?? 0, duration: performance.now() - start }
    return value
  }

  async #survey(): Promise<{ files: readonly MigrationFile[]; keys: SnapshotKeys }> {
    const { seeds, root } = this.source
    const files = await this.#files()
    for (const seed of seeds) if (!existsSync(seed)) throw missingSeed(seed)
    return { files, keys: snapshotKeys(files, seeds, root, await this.engineVersion()) }
  }

  async #files(): Promise<readonly MigrationFile[]> {
    const { folder, explicit } = this.source
    if (folder === undefined) return []
    const entries = await readdir(folder).catch(() => undefined)
    if (entries) return await findMigrations(folder)
    if (!explicit) return []
    throw new MigrationFileError('FOLDER_NOT_FOUND', {
      what: `migration folder not found: ${folder}`,
      fix: 'correct the option "migrations", or create the first migration: npx faasjs-pg new <name>',
      details: { folder },
    })
  }

  async #noteInputs(keys: SnapshotKeys | undefined): Promise<void> {
    this.#inputs = await this.#readInputs(keys)
    this.events.onInputs?.([...this.#inputs.keys()])
  }

  /** The keys are undefined when something is amiss: then the files themselves must do. */
  async #readInputs(
    keys: SnapshotKeys | undefined,
    others: Iterable<string> = [],
  ): Promise<InputFiles> {
    const { folder, seeds } = this.source
    return await readInputs(folder, [...seeds, ...(keys?.inputs ?? []), ...others])
  }
}

function missingSeed(seed: string): TestDatabaseError {
  return new TestDatabaseError('SEED_FAILED', {
    what: `seed not found: ${seed}`,
    fix: 'correct the option "seed": paths are relative to the root of the project',
    details: { file: seed },
  })
}
