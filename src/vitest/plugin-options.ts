import type { EngineOptions } from '../testing/choose-engine.ts'
import type { ResetMode, Scope } from '../testing/host/modes.ts'
import type { Transport } from '../testing/server/address.ts'
import type { EngineVariant } from './engine-runs.ts'

export interface PgVitestOptions extends EngineOptions {
  /**
   * Runs every test on each of these, one engine after the other, and says at the end which tests differ: each is
   * `'pglite'`, `'postgres'`, or an object with options of its own. In place of `engine`.
   */
  readonly engines?: readonly ('pglite' | 'postgres' | EngineVariant)[]
  /**
   * Folder of the migrations, relative to the project's root. By default `src/db/migrations`; when
   * that does not exist, the databases are empty.
   */
  readonly migrations?: string
  /**
   * Files that run after the migrations, relative to the project's root: modules that export a function (`Seed`
   * of `@faasjs/pg/testing`), or `.sql` files. Every test begins with their rows. None unless given.
   */
  readonly seed?: string | readonly string[]
  /**
   * Keeps the migrated database on disk, so that the next run need not migrate; true unless given. The
   * environment variable `FAASJS_PG_CACHE` names the folder; otherwise it is in `node_modules/.cache`.
   */
  readonly cache?: boolean
  /**
   * For whom a database is that nobody has used. `'worker'`, the default: files use one after the other, put
   * back exactly between them. `'file'`: each file has one. `'test'`: each test has one, as after
   * `reset: 'full'` on PGlite and `'clone'` on a server. `DATABASE_URL` stays the same.
   */
  readonly scope?: Scope
  /**
   * What is put back before a test. `'auto'`, the default: what tests touched, and everything only after one
   * that changed the schema, roles or settings. `'full'`: everything, always; costs some milliseconds.
   * `'clone'`: the database is replaced by a new copy after each test that sent anything. `'transaction'`: a
   * test runs in one transaction, which is rolled back; the documentation lists what that changes. `'none'`:
   * nothing between the tests of a file.
   */
  readonly reset?: ResetMode
  /**
   * What becomes of concurrent tests that use a database. `'error'`, the default: they fail, as they would
   * share it. `'clone'`: each has one of its own, which the fixture `db` of this package's `test` leads to.
   */
  readonly concurrent?: 'error' | 'clone'
  /**
   * How `DATABASE_URL` leads to the database: `'tcp'`, the default, or `'socket'`, a Unix socket in a private
   * folder. Where TCP is not allowed, it is a socket in any case.
   */
  readonly connection?: Transport
  /**
   * What happens when a test leaves a transaction open, which is rolled back in any case, or a statement that it
   * does not wait for: `'warn'`, the default, names it; `'fail'` fails the test; `'ignore'` says nothing.
   */
  readonly leaks?: 'fail' | 'warn' | 'ignore'
  /**
   * Lets tests run although `DATABASE_URL` or `PGHOST` is set and leads to another machine, and lets a test file
   * change `DATABASE_URL`; false unless given. What looks like production is refused in any case.
   */
  readonly allowExternal?: boolean
  /**
   * `'failed'`, the default: what a test has sent to its database is recorded, and told when it fails. `false`:
   * nothing is recorded, also not for `db.queries()`.
   */
  readonly log?: 'failed' | false
  /**
   * What becomes of the database of a failed test. `'failed'`, the default where the environment variable `CI` is
   * not set: those of the first five are kept, for `npx faasjs-pg test open`; a number: of as many. `'never'`, the
   * default on CI: none.
   */
  readonly keep?: 'failed' | 'never' | number
  /**
   * One line at the end of a run about its databases, and one that names tests which changed more than rows;
   * true unless given. `'verbose'` lists all of these, with the reason.
   */
  readonly report?: boolean | 'verbose'
}
