import { PgVitestPlugin } from '@faasjs/pg/vitest'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [PgVitestPlugin()],
  test: { include: ['examples/demo/*.test.ts'] },
})
