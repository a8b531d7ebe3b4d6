import { openDatabase } from '../../database/open.ts'
import type { MigrationFile } from '../../migration/source.ts'
import { FORGET_BASELINE } from '../baseline/baseline-schema.ts'
import { ServerBaseline } from '../baseline/server-baseline.ts'
import { migrate, seed } from '../host/fill-database.ts'

/** What a database is to be filled with. */
export interface TemplateJob {
  readonly url: string
  /** All migrations; those that it has are not run again. */
  readonly files: readonly MigrationFile[]
  /** Absolute paths of what runs after them. */
  readonly seeds: readonly string[]
}

/** Makes of a database on a server what every test begins with. */
export async function buildTemplate({ url, files, seeds }: TemplateJob): Promise<void> {
  const database = await openDatabase(url)
  try {
    await database.query(FORGET_BASELINE)
    // Sessions of their own: what one of them sets is not for those who come after it.
    await migrate(url, files)
    await seed(url, seeds)
    await new ServerBaseline(database).capture()
  } finally {
    await database.close()
  }
}
