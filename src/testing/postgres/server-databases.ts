import type { EngineChoice } from '../choose-engine.ts'
import type { TestDatabases, TestDatabasesOptions } from '../test-databases.ts'
import { PostgresHost } from './postgres-host.ts'
import { PrivateStore } from './private-store.ts'
import type { ServerStore } from './server-store.ts'
import { UrlStore } from './url-store.ts'

/** Test databases on a PostgreSQL server, a given one or a private one. */
export function onServer(
  options: TestDatabasesOptions,
  choice: Exclude<EngineChoice, { kind: 'pglite' }>,
): TestDatabases {
  const { host } = options
  const store = createStore(options, choice)
  return {
    get label() {
      return store.label
    },
    isInProcess: false,
    get origin() {
      return store.origin
    },
    isAtHand: () => store.isAtHand(),
    prepare: () => store.get(),
    changes: () => store.changes(),
    forget: () => store.forget(),
    create: (slot, onStart) =>
      new PostgresHost({ ...host, store, slot, ...(onStart && { onStart }) }),
    close: () => store.close(),
  }
}

function createStore(
  { source, events = {}, engine, workers }: TestDatabasesOptions,
  choice: Exclude<EngineChoice, { kind: 'pglite' }>,
): ServerStore {
  const needs = { workers, connections: engine.connections }
  if (choice.kind === 'private') {
    return new PrivateStore(source, events, { binaries: choice.binaries, needs })
  }
  const { maintenanceDatabase } = engine
  return new UrlStore(source, events, { url: choice.url, maintenanceDatabase, needs })
}
