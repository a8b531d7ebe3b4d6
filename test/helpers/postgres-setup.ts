import type { TestProject } from 'vitest/node'

import { startPostgres } from './postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the maintenance database of the run's server. */
    postgresAdminUrl: string
    /** Its version: 18, or another one of test/servers.mjs. */
    postgresMajor: number
  }
}

/** One PostgreSQL server for the whole run; each test takes databases of its own on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  project.provide('postgresAdminUrl', server.adminUrl)
  project.provide('postgresMajor', server.major)
  return () => server.stop()
}
