/** A result, as `pg` has it. */
export interface MemoryResult<Row = Record<string, unknown>> {
  readonly command: string
  readonly rowCount: number | null
  readonly rows: Row[]
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

/** What a client and a pool have in common. */
export interface MemoryQueries {
  query<Row = Record<string, unknown>>(
    query: string | { readonly text: string; readonly values?: readonly unknown[] },
    values?: readonly unknown[],
  ): Promise<MemoryResult<Row>>
  end(): Promise<void>
}

export interface MemoryClient extends MemoryQueries {
  connect(): Promise<unknown>
}

export interface MemoryPool extends MemoryQueries {
  connect(): Promise<MemoryClient & { release(): void }>
}

/** What `import pg from 'pg'` gives, as far as it is there; options of the constructors have no effect. */
export interface MemoryPg {
  readonly Client: new (options?: object) => MemoryClient
  readonly Pool: new (options?: object) => MemoryPool
  readonly types: {
    getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown
    setTypeParser(oid: number, parser: (text: string) => unknown): void
  }
  readonly DatabaseError: new (message: string, length: number, name: never) => Error
}
