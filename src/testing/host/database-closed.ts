import { TestDatabaseError } from '../../errors.ts'

export function databaseClosed(): TestDatabaseError {
  return new TestDatabaseError('TEST_DATABASE_FAILED', {
    what: 'the test database is closed',
    fix: 'use it before it is closed, or create another one',
  })
}
