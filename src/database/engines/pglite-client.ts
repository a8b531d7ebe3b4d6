import { PARSED_TYPES, parserOf } from '../values.ts'

// The parts of PGlite that the engine uses; the instance may be the user's.

/** Rows of one statement. Older versions tell neither command nor row count. */
export interface PGliteResult {
  readonly rows: unknown[]
  readonly command?: string
  readonly rowCount?: number
  readonly affectedRows?: number
}

export interface PGliteReadOptions {
  readonly parsers: Readonly<Record<number, (text: string) => unknown>>
  readonly serializers: Readonly<Record<number, (value: unknown) => string>>
}

/** An instance, or a transaction of it. */
export interface PGliteRunner {
  query(sql: string, params: unknown[], options: PGliteReadOptions): Promise<PGliteResult>
  exec(sql: string, options?: PGliteReadOptions): Promise<PGliteResult[]>
}

export interface PGliteClient extends PGliteRunner {
  readonly closed: boolean
  readonly waitReady: Promise<void>
  readonly dataDir?: string
  readonly parsers?: Readonly<Record<string | number, unknown>>
  readonly serializers?: Readonly<Record<string | number, unknown>>
  transaction<T>(work: (transaction: PGliteRunner) => Promise<T>): Promise<T>
  isInTransaction?(): boolean
  close(): Promise<void>
}

const asIs = (text: string): unknown => text

/**
 * Options that make PGlite leave all values to `values.ts`: what it would read or write in a way of
 * its own stays text.
 */
export function readOptions(client: PGliteClient): PGliteReadOptions {
  const parsers: Record<number, (text: string) => unknown> = {}
  for (const oid of oids(client.parsers)) parsers[oid] = asIs
  for (const oid of PARSED_TYPES) parsers[oid] = parserOf(oid)
  const serializers: Record<number, (value: unknown) => string> = {}
  for (const oid of oids(client.serializers)) serializers[oid] = String
  return { parsers, serializers }
}

function oids(handlers: Readonly<Record<string | number, unknown>> = {}): number[] {
  return Object.keys(handlers).map(Number).filter(Number.isInteger)
}
