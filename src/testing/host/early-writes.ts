import { literal } from '../../sql/literal.ts'
import { FRESH_SESSION, IS_SCHEMA_CHANGED, WRITTEN_TABLES } from '../baseline/baseline-sql.ts'
import type { PGliteEngine } from '../pglite/pglite-engine.ts'
import type { EarlyWritesReport } from './protocol.ts'

/** What was written before the first test of a file, and is to be put back before that test. */
export interface EarlyWrites {
  /** Tables with rows that are not the baseline's. */
  readonly tables: readonly string[]
  /** The schema, roles or settings are not the baseline's either. */
  readonly schema: boolean
}

/** What was written before the first test is put back like everything, which is told. */
export async function reportEarlyWrites(
  engine: PGliteEngine,
  test: string,
  onEarlyWrites: ((report: EarlyWritesReport) => void) | undefined,
): Promise<void> {
  if (!onEarlyWrites) return
  const writes = await findEarlyWrites(engine)
  if (writes) onEarlyWrites({ ...writes, test })
}

/**
 * Looks what has been written since the baseline was in place. Leaves the session as a new one.
 *
 * @returns undefined when that is nothing.
 */
async function findEarlyWrites(engine: PGliteEngine): Promise<EarlyWrites | undefined> {
  try {
    const schema = (await engine.query(`${FRESH_SESSION};${IS_SCHEMA_CHANGED}`)).at(-1)?.[0] === 't'
    const written = await engine.query(WRITTEN_TABLES)
    const empty = written.filter(([, filled]) => filled !== 't').map(([name]) => name ?? '')
    // Rolled back, or deleted again: nobody misses it.
    const gone = await namesOfEmpty(engine, empty)
    const tables = written.map(([name]) => name ?? '').filter((name) => !gone.has(name))
    return schema || tables.length > 0 ? { tables: tables.toSorted(), schema } : undefined
  } catch {
    // Tables are gone, or the record itself.
    return { tables: [], schema: true }
  }
}

async function namesOfEmpty(engine: PGliteEngine, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set()
  const parts = names.map(
    (name) => `SELECT ${literal(name)} WHERE NOT EXISTS (SELECT FROM ONLY ${name})`,
  )
  return new Set((await engine.query(parts.join(' UNION ALL '))).map(([name]) => name ?? ''))
}
