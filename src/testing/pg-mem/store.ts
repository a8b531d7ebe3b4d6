import type { IBackup, IMemoryDb } from 'pg-mem'

import { buildMemory, type MemoryMaker, type Row, type Rows, send } from './build-memory.ts'
import { type Catalog, EMPTY_CATALOG } from './catalog.ts'
import { ROW_ORDER } from './select.ts'
import type { SqlNode } from './sql-node.ts'

/**
 * A catalog and its rows. pg-mem gets them when they are first asked for: a migration with a hundred changes
 * builds one database, of what they lead to.
 */
export class Store {
  readonly catalog: Catalog
  readonly #pgMem: MemoryMaker
  /** What the database begins with. */
  readonly #start: Rows
  #database: IMemoryDb | undefined

  constructor(pgMem: MemoryMaker, catalog: Catalog = EMPTY_CATALOG, rows: Rows = new Map()) {
    this.#pgMem = pgMem
    this.catalog = catalog
    this.#start = rows
  }

  /** @throws what PostgreSQL says of rows that a constraint does not allow. */
  get database(): IMemoryDb {
    this.#database ??= buildMemory(this.#pgMem, this.catalog, this.#start)
    return this.#database
  }

  send(node: SqlNode): ReturnType<typeof send> {
    return send(this.database, node)
  }

  /** Gives rows that are about to change new places. */
  planMoves(places: readonly number[]): void {
    this.#pgMem.planMoves(places)
  }

  /** All rows, in the order in which they were written. */
  rows(): Rows {
    const database = this.#database
    if (!database) return this.#start
    return new Map(
      [...this.catalog.tables.keys()].map((name) => [name, rowsOf(database, name)] as const),
    )
  }

  /** The same database after a change of the catalog, and of its rows. */
  changed(catalog: Catalog, rows: Rows): Store {
    return new Store(this.#pgMem, catalog, rows)
  }

  /** Notes where the rows are now; the function goes back there. */
  mark(): () => Store {
    const database = this.#database
    if (!database) return () => this.changed(this.catalog, this.#start)
    const backup: IBackup = database.backup()
    return () => {
      backup.restore()
      return this
    }
  }
}

function rowsOf(database: IMemoryDb, name: string): Row[] {
  const rows = database.public.getTable(name).find() as Row[]
  return rows.toSorted((a, b) => Number(a[ROW_ORDER]) - Number(b[ROW_ORDER]))
}
