import type { Session as DatabaseSession } from '../database/database.ts'
import type { DatabaseTarget } from '../database/open.ts'
import { ConfigError } from '../errors.ts'

/** Works with a connection to what a builder was given, and closes what it opened itself. */
export async function withSession<T>(
  target: DatabaseTarget | undefined,
  work: (session: DatabaseSession) => Promise<T>,
): Promise<T> {
  if (target === undefined) {
    throw new ConfigError('NO_DATABASE', {
      what: 'this builder has no database to run on',
      fix: 'pass one: new SchemaBuilder(process.env.DATABASE_URL)',
    })
  }
  const { openDatabase } = await import('../database/open.ts')
  const database = await openDatabase(target)
  try {
    const session = await database.session()
    try {
      return await work(session)
    } finally {
      await session.release()
    }
  } finally {
    if (database !== target) await database.close()
  }
}
