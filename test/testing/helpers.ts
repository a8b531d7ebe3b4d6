import { afterAll } from 'vitest'

import { CAPTURE_BASELINE } from '../../src/testing/baseline/baseline-sql.ts'
import type { HostOptions } from '../../src/testing/host/host-options.ts'
import { Host } from '../../src/testing/host/host.ts'
import type { StrayReport } from '../../src/testing/host/protocol.ts'
import { sharedEngineParts } from '../../src/testing/pglite/engine-parts.ts'
import { closeIntoSnapshot, createPGlite } from '../../src/testing/pglite/open-pglite.ts'
import type { Snapshot } from '../../src/testing/pglite/snapshot.ts'

/** A host in this thread, its database made by SQL instead of migrations. */
export interface LocalHost {
  readonly host: Host
  readonly port: number
  readonly url: string
  readonly strays: StrayReport[]
  readonly broken: string[]
}

/** A snapshot whose baseline is what this SQL makes. */
export async function snapshotOf(sql: string): Promise<Snapshot> {
  const pglite = await createPGlite()
  await pglite.exec(sql)
  await pglite.exec(CAPTURE_BASELINE)
  return await closeIntoSnapshot(pglite)
}

/** Starts a host that is closed after the test file. */
export async function startHost(
  snapshot: Snapshot | Promise<Snapshot>,
  options: Partial<HostOptions> = {},
): Promise<LocalHost> {
  const strays: StrayReport[] = []
  const broken: string[] = []
  const host = new Host({
    waitLimit: 1000,
    material: async () => ({ snapshot: await snapshot, parts: await sharedEngineParts() }),
    onStrays: (report) => strays.push(report),
    onBooted: () => {},
    onBroken: (reason) => broken.push(reason),
    ...options,
  })
  const { port } = await host.listen()
  afterAll(() => host.close())
  return {
    host,
    port,
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    strays,
    broken,
  }
}
