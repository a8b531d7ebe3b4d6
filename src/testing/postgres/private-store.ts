import { join, resolve } from 'node:path'

import type { MigrationFile } from '../../migration/source.ts'
import { withBuildLock } from '../cache/build-lock.ts'
import { cacheFolders, writableFolder } from '../cache/cache-folders.ts'
import type { SnapshotKeys } from '../cache/snapshot-keys.ts'
import { CLUSTER_PREFIX, failedFolder, type KeptPlace } from '../failed/kept-database.ts'
import type { Made, SnapshotEvents, SnapshotSource } from '../host/baseline-store.ts'
import type { Address } from '../server/address.ts'
import { type Binaries, type BinarySource, prepareBinaries } from './binaries.ts'
import { ClusterCache } from './cluster-cache.ts'
import { type ConnectionNeeds, neededConnections } from './connection-budget.ts'
import { copyFolder } from './copy-folder.ts'
import {
  newPassword,
  type PrivateServer,
  type ServerPlace,
  startPrivateServer,
} from './private-server.ts'
import { publishFolder } from './publish-folder.ts'
import { ServerRun } from './server-run.ts'
import { baseKeys, type ServedBaseline, ServerStore } from './server-store.ts'
import { throughAddress } from './server-url.ts'
import { serverUser } from './server-user.ts'

export interface PrivateStoreOptions {
  readonly binaries: BinarySource
  readonly needs: ConnectionNeeds
}

// Of what an application may open when nobody says how much that is.
const CONNECTIONS = 20
const FEWEST = 100

interface Open {
  readonly server: PrivateServer
  readonly run: ServerRun
  /** See {@link ServedBaseline.ended}. */
  readonly ended: Promise<string>
}

/** What clients know of a server that is no longer there, and the names that its databases had. */
interface Lost {
  readonly place: ServerPlace
  readonly run: string
}

/** Baselines on a server of its own, which starts with a copy of a data directory that has them. */
export class PrivateStore extends ServerStore {
  readonly #options: PrivateStoreOptions
  readonly #user = serverUser()
  readonly #password: string = newPassword()
  #binaries: Promise<Binaries> | undefined
  #version = ''
  readonly #open = new Set<Open>()
  #lost: Lost | undefined
  /** The databases of failed tests. */
  readonly #kept = new Map<ServerRun, readonly string[]>()

  constructor(source: SnapshotSource, events: SnapshotEvents, options: PrivateStoreOptions) {
    super(source, events)
    this.#options = options
  }

  override get label(): string {
    return `private PostgreSQL ${this.#version}`.trim()
  }

  override throughAddress(address: Address, database: string): string | undefined {
    return throughAddress(`postgres://postgres:${this.#password}@127.0.0.1`, address, database)
  }

  override keptPlace({ run, url }: ServedBaseline, database: string): KeptPlace {
    const known = this.#kept.get(run) ?? []
    this.#kept.set(run, [...known, database])
    const { binaries } = this.#options
    return {
      kind: 'private',
      url: url(database),
      database,
      cluster: clusterOf(run),
      binaries: 'folder' in binaries ? resolve(binaries.folder) : undefined,
    }
  }

  override async close(): Promise<void> {
    const open = [...this.#open]
    this.#open.clear()
    // The databases go with the server, but for those of failed tests.
    await Promise.all(
      open.map((each) => (this.#kept.has(each.run) ? this.#keepCluster(each) : stop(each))),
    )
  }

  /** Ends a server, and keeps its data directory with the databases of failed tests. */
  async #keepCluster(open: Open): Promise<void> {
    const { run, server } = open
    try {
      await run.dropAllBut(this.#kept.get(run) ?? [])
      await run.release()
      await server.publish((cluster) =>
        publishFolder(join(failedFolder(), clusterOf(run)), (draft) => copyFolder(cluster, draft)),
      )
    } finally {
      await stop(open)
    }
  }

  protected override async engineVersion(): Promise<string> {
    const { version } = await this.#prepare()
    return `private postgres ${version}`
  }

  protected override async isKept({ baseline }: SnapshotKeys): Promise<boolean> {
    const cache = await this.#cache()
    return baseline !== undefined && (await cache.find(baseline)) !== undefined
  }

  protected override async make(
    files: readonly MigrationFile[],
    keys: SnapshotKeys,
  ): Promise<Made<ServedBaseline>> {
    const cache = await this.#cache()
    const { baseline } = keys
    if (baseline === undefined || !this.source.cache) return await this.#unkept(files, keys)
    const migrations = await this.#publish(cache, baseline, files, keys)
    const cluster = await cache.find(baseline)
    if (cluster === undefined) return await this.#unkept(files, keys)
    try {
      const made = await this.#serve(await this.#start(cluster), files, keys)
      return { ...made, migrations: made.migrations ?? migrations }
    } catch {
      // It is damaged: the next run makes another.
      await cache.drop(baseline)
      return await this.#unkept(files, keys)
    }
  }

  /** Makes the data directory with the baseline unless there is one; the migrations that ran for it. */
  async #publish(
    cache: ClusterCache,
    key: string,
    files: readonly MigrationFile[],
    keys: SnapshotKeys,
  ): Promise<number | undefined> {
    const isThere = async (): Promise<boolean> => (await cache.find(key)) !== undefined
    if (await isThere()) return undefined
    const folders = cacheFolders(this.source.root).project
    const folder = await writableFolder(folders)
    if (folder === undefined) {
      this.events.onUnwritable?.(folders)
      return undefined
    }
    return await withBuildLock(join(folder, `${key}.lock`), isThere, async () => {
      // Somebody else may have made it while this waited.
      if (await isThere()) return undefined
      const open = await this.#startOnBest(cache, keys)
      try {
        const { migrations } = await this.#serve(open, files, keys)
        for (const base of baseKeys(keys)) await open.run.templates.drop(base)
        await open.run.close()
        await open.server.publish(async (cluster) => {
          if (!(await cache.put(key, cluster))) this.events.onUnwritable?.(folders)
        })
        return migrations
      } finally {
        this.#open.delete(open)
        await stop(open)
      }
    })
  }

  async #startOnBest(cache: ClusterCache, keys: SnapshotKeys): Promise<Open> {
    for (const key of baseKeys(keys)) {
      const base = await cache.find(key)
      if (base !== undefined) return await this.#start(base, true)
    }
    return await cache.withEmpty((cluster) => this.#start(cluster, true))
  }

  /** Migrates on the server itself, for this run alone. */
  async #unkept(
    files: readonly MigrationFile[],
    keys: SnapshotKeys,
  ): Promise<Made<ServedBaseline>> {
    const cache = await this.#cache()
    const open = await cache.withEmpty((cluster) => this.#start(cluster))
    return await this.#serve(open, files, { ...keys, baseline: undefined, layers: [] })
  }

  async #serve(
    open: Open,
    files: readonly MigrationFile[],
    keys: SnapshotKeys,
  ): Promise<Made<ServedBaseline>> {
    try {
      const { server, run } = open
      const made = await this.serve(run, (database) => server.url(database), files, keys)
      const socketUrl = (database: string): string => server.socketUrl(database)
      return { ...made, value: { ...made.value, socketUrl, ended: open.ended } }
    } catch (error) {
      this.#open.delete(open)
      await stop(open)
      throw error
    }
  }

  async #start(cluster: string, keepFiles = false): Promise<Open> {
    const { needs } = this.#options
    const needed = neededConnections({ connections: CONNECTIONS, ...needs })
    const lost = keepFiles ? undefined : this.#lost
    const server = await startPrivateServer({
      binaries: await this.#prepare(),
      user: this.#user,
      cluster,
      keepFiles,
      password: this.#password,
      maxConnections: Math.max(FEWEST, needed),
      place: lost?.place,
    })
    try {
      const run = await ServerRun.open(server.url('postgres'), lost?.run)
      const open: Open = {
        server,
        run,
        ended: this.#end(server, run.run, () => !keepFiles && this.#open.delete(open)),
      }
      this.#open.add(open)
      if (!keepFiles) this.#lost = undefined
      return open
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  /** Resolves when a server has ended that nobody stopped: the next one takes its place. */
  async #end(server: PrivateServer, run: string, forget: () => boolean): Promise<string> {
    const messages = await server.ended
    // Those that were stopped are forgotten before.
    if (!forget()) return await new Promise(() => {})
    this.#lost = { place: server.place, run }
    this.lose()
    return messages
  }

  async #cache(): Promise<ClusterCache> {
    return new ClusterCache(cacheFolders(this.source.root), await this.#prepare(), this.#user)
  }

  async #prepare(): Promise<Binaries> {
    this.#binaries ??= prepareBinaries(this.#options.binaries, this.#user)
    const binaries = await this.#binaries
    this.#version = binaries.version
    return binaries
  }
}

/** A folder beside those of the numbers. */
function clusterOf({ run }: ServerRun): string {
  return `${CLUSTER_PREFIX}${run}`
}

async function stop({ server, run }: Open): Promise<void> {
  await run.release()
  await server.stop()
}
