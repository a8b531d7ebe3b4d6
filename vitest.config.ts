import { defineConfig } from 'vitest/config'

const shared = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // This package has a PostgreSQL installed for its own tests, which those of the plugin would find.
  env: { FAASJS_PG_ENGINE: 'pglite' },
}

export default defineConfig({
  test: {
    // Here, and not in the projects, or each of them would start a server.
    globalSetup: ['test/helpers/postgres-setup.ts'],
    coverage: { include: ['src/**/*.ts'], exclude: ['src/db/**'] },
    projects: [
      {
        test: {
          ...shared,
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/fixtures/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'json',
          // Once more, with every recorded operation sent through JSON. The random do/undo cases
          // are not run twice for it: random-case.test.ts compares their operations.
          include: ['test/builder/**/*.test.ts', 'test/property/quoting.test.ts'],
          setupFiles: ['test/helpers/json-operations.ts'],
        },
      },
    ],
  },
})
