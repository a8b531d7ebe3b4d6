import type { PgVitestOptions } from './plugin-options.ts'
import type { VitestPlugin } from './plugin.ts'

/**
 * Gives every Vitest worker its own PostgreSQL database, migrated, and restored before each test.
 *
 * Tests and the code they run find it in `process.env.DATABASE_URL`, with any PostgreSQL client. It is
 * booted by the first connection: a project that never connects pays nothing.
 *
 * @example
 * ```ts
 * import { PgVitestPlugin } from '@faasjs/pg/vitest'
 * import { defineConfig } from 'vitest/config'
 *
 * export default defineConfig({ plugins: [PgVitestPlugin()] })
 * ```
 */
export function PgVitestPlugin(options: PgVitestOptions = {}): VitestPlugin {
  // Loaded when Vitest asks: a test file that imports something else from here does without.
  const plugin = async (): Promise<VitestPlugin> =>
    (await import('./plugin.ts')).createPlugin(options)
  return {
    name: '@faasjs/pg',
    config: async (config) => (await plugin()).config(config),
    configResolved: async (config) => (await plugin()).configResolved(config),
    configureVitest: async (context) => (await plugin()).configureVitest(context),
  }
}
