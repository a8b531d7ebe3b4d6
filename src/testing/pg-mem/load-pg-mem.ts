import { createRequire } from 'node:module'

import type { IMemoryDb } from 'pg-mem'

import { missingPeer } from '../../database/missing-peer.ts'
import type { SqlNode } from './sql-node.ts'

/** The parts of pg-mem that are used. */
export interface PgMem {
  newDb(): IMemoryDb
  /** @throws {Error} for what its parser does not know, valid SQL or not. */
  parse(sql: string): readonly SqlNode[]
}

/** @throws {ConfigError} `MISSING_PEER` when pg-mem is not installed. */
export async function loadPgMem(): Promise<PgMem> {
  try {
    const { newDb } = await import('pg-mem')
    // Its parser is a package of its own, found from where pg-mem is.
    const near = createRequire(createRequire(import.meta.url).resolve('pg-mem'))
    const { parse } = near('pgsql-ast-parser') as Pick<PgMem, 'parse'>
    return { newDb: () => newDb({ noErrorDiagnostic: true }), parse }
  } catch (error) {
    throw missingPeer('pg-mem', 'createMemoryDatabase() needs the package "pg-mem"', error)
  }
}
