import { PgVitestPlugin } from '@faasjs/pg/vitest'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // The embedded database, also where a server is installed, as it is here.
  plugins: [PgVitestPlugin({ engine: 'pglite' })],
  test: { include: ['examples/demo/*.test.ts'] },
})
