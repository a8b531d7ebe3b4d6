import { expect, test } from 'vitest'

// The surface changes on purpose only: a new name is new here too.
test('the names of "."', async () => {
  expect(Object.keys(await import('../../src/index.ts')).toSorted()).toMatchInlineSnapshot(`
    [
      "BuilderError",
      "ColumnBuilder",
      "ConfigError",
      "ERROR_CODES",
      "FaasPgError",
      "ForeignKeyBuilder",
      "HistoryError",
      "IrreversibleError",
      "LockError",
      "MigrationFileError",
      "Migrator",
      "SchemaBuilder",
      "Sql",
      "StatementError",
      "TableBuilder",
      "TestDatabaseError",
      "compile",
      "defineMigration",
      "defineMigrationSource",
      "defineTable",
      "describe",
      "identifier",
      "invert",
      "invertAll",
      "literal",
      "migrate",
      "migrateDown",
      "openDatabase",
      "qualifiedName",
      "rawSql",
      "sql",
    ]
  `)
})

test('the names of "./vitest"', async () => {
  expect(Object.keys(await import('../../src/vitest/index.ts')).toSorted()).toMatchInlineSnapshot(`
    [
      "PgVitestPlugin",
      "db",
      "expectRows",
      "expectSchema",
      "migrationTest",
      "pgTest",
      "seed",
      "stable",
      "test",
    ]
  `)
})

test('what is required has the names of what is imported', async () => {
  const required = Object.keys(await import('../../src/vitest/required.ts'))
  expect(required).toEqual(Object.keys(await import('../../src/vitest/index.ts')))
})

test('the names of "./testing"', async () => {
  expect(Object.keys(await import('../../src/testing/index.ts')).toSorted()).toMatchInlineSnapshot(`
    [
      "Placeholders",
      "createMemoryDatabase",
      "createTestDatabase",
      "pgMatchers",
      "stable",
    ]
  `)
})
