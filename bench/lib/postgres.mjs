// The server of the test suite, for benches: the helper is TypeScript.
import { register } from 'node:module'

register('../../test/helpers/typescript-hooks.mjs', import.meta.url)

export const { startPostgres } = await import('../../test/helpers/postgres-server.ts')
