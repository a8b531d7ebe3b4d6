// Imported for its effect, in a test file or in one of `setupFiles`.
import { expect } from 'vitest'

import type { PgMatchers } from '../testing/author/matchers/pg-matcher-types.ts'
import { pgMatchers } from '../testing/author/matchers/pg-matchers.ts'

export type { PgMatchers, RowPattern } from '../testing/author/matchers/pg-matcher-types.ts'
export type { ColumnExpectation, IndexExpectation } from '../testing/author/matchers/schema.ts'

expect.extend(pgMatchers)

declare global {
  // Vitest's own interfaces for matchers have other type parameters in every version. Chai's, from which it takes
  // those of `expect()`, has none.
  namespace Chai {
    // oxlint-disable-next-line typescript/no-empty-object-type -- merged with Chai's
    interface Assertion extends PgMatchers {}
  }
}
