// What `require('@faasjs/pg/vitest')` finds: the configuration of a package whose modules are CommonJS is loaded so,
// and waits for nothing. Test files are not.
import type * as Author from './author.ts'
import { outside } from './outside.ts'

export { PgVitestPlugin } from './pg-vitest-plugin.ts'

const author = outside as typeof Author

export const db: typeof Author.db = author.db
export const expectRows: typeof Author.expectRows = author.expectRows
export const expectSchema: typeof Author.expectSchema = author.expectSchema
export const migrationTest: typeof Author.migrationTest = author.migrationTest
export const pgTest: typeof Author.pgTest = author.pgTest
export const seed: typeof Author.seed = author.seed
export const stable: typeof Author.stable = author.stable
export const test: typeof Author.test = author.test
