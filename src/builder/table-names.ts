import { BuilderError } from '../errors.ts'
import type { QualifiedName } from '../operations/definitions.ts'

/** The names one callback has given out, so that the second use of one fails where it is written. */
export class TableNames {
  readonly #table: string
  readonly #columns = new Set<string>()
  readonly #constraints = new Set<string>()
  readonly #indexes = new Set<string>()
  #hasPrimaryKey = false

  constructor(table: QualifiedName) {
    this.#table = table.name
  }

  addColumn(name: string): void {
    if (this.#columns.has(name)) {
      throw new BuilderError('DUPLICATE_COLUMN', {
        what: `column "${name}" is added twice to table "${this.#table}"`,
        fix: 'remove one of the two, or give it another name',
        details: { table: this.#table, column: name },
      })
    }
    this.#columns.add(name)
  }

  /** Throws when the column was added in this same callback. */
  dropColumn(name: string): void {
    if (!this.#columns.has(name)) return
    throw new BuilderError('BAD_DEFINITION', {
      what: `column "${name}" of table "${this.#table}" is added and dropped in one callback`,
      fix: 'remove both calls',
      details: { table: this.#table, column: name },
    })
  }

  /** The old name is free again, the new one taken. */
  renameColumn(from: string, to: string): void {
    this.addColumn(to)
    this.#columns.delete(from)
  }

  addConstraint(name: string): void {
    this.#add(this.#constraints, 'constraint', name)
  }

  addIndex(name: string): void {
    this.#add(this.#indexes, 'index', name)
  }

  dropIndex(name: string): void {
    this.#indexes.delete(name)
  }

  dropConstraint(name: string): void {
    this.#constraints.delete(name)
  }

  claimPrimaryKey(): void {
    if (this.#hasPrimaryKey) {
      throw new BuilderError('DUPLICATE_CONSTRAINT', {
        what: `table "${this.#table}" gets a second primary key`,
        fix: "a key of several columns is one key: table.primary(['first', 'second'])",
        details: { table: this.#table },
      })
    }
    this.#hasPrimaryKey = true
  }

  releasePrimaryKey(): void {
    this.#hasPrimaryKey = false
  }

  #add(names: Set<string>, what: string, name: string): void {
    if (names.has(name)) {
      throw new BuilderError('DUPLICATE_CONSTRAINT', {
        what: `${what} "${name}" is added twice to table "${this.#table}"`,
        fix: 'remove one of the two, or name one with { name }',
        details: { table: this.#table, [what]: name },
      })
    }
    names.add(name)
  }
}

export function unknownColumn(what: string, known: readonly string[]): BuilderError {
  return new BuilderError('UNKNOWN_COLUMN', {
    what,
    why:
      known.length > 0 ? `the columns so far are ${known.join(', ')}` : 'it has no columns so far',
    fix: 'add the column first, or correct its name',
    details: { columns: known },
  })
}
