import { EventEmitter } from 'node:events'

import pg from 'pg'

import { encodeParameters } from '../../database/values.ts'
import { ConfigError } from '../../errors.ts'
import { oidOf } from './column-type.ts'
import type { Client, MemoryCore } from './memory-core.ts'
import type { MemoryPg } from './memory-pg.ts'
import type { Outcome } from './outcome.ts'
import { valueText } from './value-text.ts'

type Callback<T> = (error: unknown, result?: T) => void

/** By the number of a type. */
interface Types {
  getTypeParser(oid: number, format?: string): (text: string) => unknown
}

interface QueryConfig {
  readonly text: string
  readonly values?: readonly unknown[]
  readonly rowMode?: 'array'
  readonly types?: Types
}

/** A result as `pg` has it. */
export interface PgResult {
  readonly command: string | null
  readonly rowCount: number | null
  readonly oid: null
  readonly rows: unknown[]
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

/** `Client` and `Pool` that speak to this database instead of a server. */
export function createPg(core: MemoryCore): MemoryPg {
  class BoundClient extends PgClient {
    constructor() {
      super(core)
    }
  }
  class BoundPool extends PgPool {
    constructor() {
      super(core)
    }
  }
  return {
    Client: BoundClient as unknown as MemoryPg['Client'],
    Pool: BoundPool as unknown as MemoryPg['Pool'],
    types: pg.types,
    DatabaseError: pg.DatabaseError,
  }
}

class PgClient extends EventEmitter {
  readonly #core: MemoryCore
  readonly #client: Client = { status: 'idle' }
  #hasEnded = false

  constructor(core: MemoryCore) {
    super()
    this.#core = core
  }

  connect(callback?: Callback<this>): Promise<this> | undefined {
    return answer(() => this, callback)
  }

  query(
    query: string | QueryConfig,
    values?: readonly unknown[] | Callback<PgResult | PgResult[]>,
    callback?: Callback<PgResult | PgResult[]>,
  ): Promise<PgResult | PgResult[]> | undefined {
    const config = typeof query === 'string' ? { text: query } : query
    const isCallback = typeof values === 'function'
    const given = isCallback ? undefined : values
    return answer(
      () => this.#run({ ...config, ...(given && { values: given }) }),
      isCallback ? values : callback,
    )
  }

  #run(config: QueryConfig): PgResult | PgResult[] {
    if (this.#hasEnded) throw new Error('Client was closed and is not queryable')
    if ('submit' in config) throw noCursor()
    const values = config.values?.map((value) => (value instanceof Date ? localTime(value) : value))
    const parameters = values && values.length > 0 ? encodeParameters(values) : undefined
    const results = this.#core
      .run(this.#client, config.text, parameters)
      .map((outcome) => resultOf(outcome, config))
    const [first] = results
    return first && results.length === 1 ? first : results
  }

  /** Gives a client of a pool back; what it has open is rolled back. */
  release(): void {
    this.#core.leave(this.#client)
  }

  end(callback?: Callback<undefined>): Promise<undefined> | undefined {
    return answer(() => {
      this.#core.leave(this.#client)
      this.#hasEnded = true
      this.emit('end')
      return undefined
    }, callback)
  }

  escapeIdentifier(name: string): string {
    return pg.escapeIdentifier(name)
  }

  escapeLiteral(text: string): string {
    return pg.escapeLiteral(text)
  }

  getTypeParser(oid: number, format?: 'text'): unknown {
    return (pg.types as Types).getTypeParser(oid, format)
  }
}

class PgPool extends EventEmitter {
  readonly #core: MemoryCore
  #hasEnded = false

  constructor(core: MemoryCore) {
    super()
    this.#core = core
  }

  connect(
    callback?: (error: unknown, client?: PgClient, release?: () => void) => void,
  ): Promise<PgClient> | undefined {
    const take = (): PgClient => {
      if (this.#hasEnded) throw new Error('Cannot use a pool after calling end on the pool')
      const client = new PgClient(this.#core)
      this.emit('connect', client)
      this.emit('acquire', client)
      return client
    }
    return answer(
      take,
      callback && ((error, client) => callback(error, client, () => client?.release())),
    )
  }

  query(
    query: string | QueryConfig,
    values?: readonly unknown[] | Callback<PgResult | PgResult[]>,
    callback?: Callback<PgResult | PgResult[]>,
  ): Promise<PgResult | PgResult[]> | undefined {
    if (this.#hasEnded) {
      return answer<PgResult>(
        () => {
          throw new Error('Cannot use a pool after calling end on the pool')
        },
        typeof values === 'function' ? values : callback,
      )
    }
    return new OneQueryClient(this.#core).query(query, values, callback)
  }

  end(callback?: Callback<undefined>): Promise<undefined> | undefined {
    return answer(() => {
      this.#hasEnded = true
      return undefined
    }, callback)
  }
}

/** What `pool.query` takes: whatever it leaves open ends with it. */
class OneQueryClient extends PgClient {
  override query(...args: Parameters<PgClient['query']>): ReturnType<PgClient['query']> {
    try {
      return super.query(...args)
    } finally {
      this.release()
    }
  }
}

/** A promise, or a call of the callback; later in both cases, as with a server. */
function answer<T>(work: () => T, callback: Callback<T> | undefined): Promise<T> | undefined {
  const outcome = attempt(work)
  if (!callback) {
    return new Promise((resolve, reject) => {
      setImmediate(() =>
        'error' in outcome ? reject(outcome.error as Error) : resolve(outcome.value),
      )
    })
  }
  setImmediate(() => {
    if ('error' in outcome) callback(outcome.error)
    else callback(null, outcome.value)
  })
  return undefined
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: work() }
  } catch (error) {
    return { error }
  }
}

function resultOf({ command, rowCount, columns, rows }: Outcome, config: QueryConfig): PgResult {
  const parsers = columns.map(({ type }) => {
    const oid = oidOf(type)
    const types: Types = config.types ?? pg.types
    return types.getTypeParser(oid, 'text')
  })
  const values = rows.map((row) =>
    columns.map(({ type }, index) => {
      const text = valueText(row[index], type)
      return text === null ? null : parsers[index]?.(text)
    }),
  )
  const named = (row: readonly unknown[]): Record<string, unknown> =>
    Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]))
  return {
    command: command || null,
    rowCount,
    oid: null,
    rows: config.rowMode === 'array' ? values : values.map(named),
    fields: columns.map(({ name, type }) => ({
      name,
      tableID: 0,
      columnID: 0,
      dataTypeID: oidOf(type),
      dataTypeSize: -1,
      dataTypeModifier: -1,
      format: 'text',
    })),
  }
}

/** As `pg` sends a Date: a column without a time zone keeps the time of the clock on the wall. */
function localTime(date: Date): string {
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0')
  const offset = -date.getTimezoneOffset()
  const day = [pad(date.getFullYear(), 4), pad(date.getMonth() + 1), pad(date.getDate())].join('-')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => pad(part))
    .join(':')
  const zone = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
    .map((part) => pad(part))
    .join(':')
  return `${day}T${time}.${pad(date.getMilliseconds(), 3)}${offset < 0 ? '-' : '+'}${zone}`
}

function noCursor(): ConfigError {
  return new ConfigError('ENGINE_CAPABILITY', {
    what: 'pg-mem has no cursors and streams',
    why: 'its client takes a text, or an object with text and values',
    fix: "use the engine 'pglite': createTestDatabase() instead of createMemoryDatabase()",
  })
}
