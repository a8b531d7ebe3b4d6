import { BuilderError } from '../errors.ts'
import type {
  ForeignKeyAction,
  ForeignKeyDefinition,
  QualifiedName,
} from '../operations/definitions.ts'
import { parseColumns, parseName } from './names.ts'
import type { NameInput } from './names.ts'

const ACTIONS: readonly ForeignKeyAction[] = [
  'CASCADE',
  'NO ACTION',
  'RESTRICT',
  'SET DEFAULT',
  'SET NULL',
]

/** Accepts any case: `'cascade'` comes from other tools' habits. */
export function foreignKeyAction(input: unknown): ForeignKeyAction {
  const action = ACTIONS.find((known) => known === String(input).toUpperCase())
  if (action) return action
  throw new BuilderError('BAD_DEFINITION', {
    what: `"${String(input)}" is not an action of a foreign key`,
    fix: `use one of ${ACTIONS.map((known) => `'${known}'`).join(', ')}`,
  })
}

/** The target of a column's own foreign key, while it is being described. */
export interface ReferenceDraft {
  readonly table: QualifiedName
  readonly columns: readonly string[]
  /** Default: by the naming rule. */
  readonly name?: string
  onDelete?: ForeignKeyAction
  onUpdate?: ForeignKeyAction
  readonly parts?: Pick<ForeignKeyDefinition, 'deferrable' | 'match' | 'notValid'>
}

export function columnReference(table: NameInput, column: string): ReferenceDraft {
  return { table: parseName(table), columns: referencedColumns(column) }
}

/** Without types nobody is told that the column is missing. */
function referencedColumns(columns: string | readonly string[] | undefined): string[] {
  if (columns !== undefined) return parseColumns(columns)
  throw new BuilderError('BAD_DEFINITION', {
    what: 'references() does not name a column',
    fix: "name it: references('users', 'id')",
  })
}

export function foreignKeyDefinition(
  name: string,
  columns: readonly string[],
  reference: ReferenceDraft,
): ForeignKeyDefinition {
  const { table, columns: referenced, onDelete, onUpdate, parts } = reference
  return {
    type: 'foreignKey',
    name,
    columns,
    references: { table, columns: referenced },
    ...(onDelete && { onDelete }),
    ...(onUpdate && { onUpdate }),
    ...parts,
  }
}

/** What `table.foreign([...])` returns: a foreign key that still needs its target. */
export class ForeignKeyBuilder {
  readonly #columns: readonly string[]
  readonly #change: (change: () => void) => void
  #reference: ReferenceDraft | undefined

  /** Made by `TableBuilder`; `change` guards every modification. */
  constructor(columns: readonly string[], change: (change: () => void) => void) {
    this.#columns = columns
    this.#change = change
  }

  /**
   * The referenced table and its columns, in the order of this key's columns.
   *
   * @param table - The referenced table.
   * @param columns - As many columns as the key has.
   * @example
   * ```ts
   * table.foreign(['tenant_id', 'user_id']).references('users', ['tenant_id', 'id'])
   * ```
   */
  references(table: NameInput, columns: string | readonly string[]): this {
    const referenced = referencedColumns(columns)
    if (referenced.length !== this.#columns.length) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `a foreign key of ${this.#columns.length} columns cannot reference ${referenced.length}`,
        fix: `name one referenced column for each of ${this.#columns.join(', ')}`,
      })
    }
    this.#change(() => (this.#reference = { table: parseName(table), columns: referenced }))
    return this
  }

  /**
   * What happens to this row when the referenced row is deleted. Default: `NO ACTION`.
   *
   * @example
   * ```ts
   * table.foreign('user_id').references('users', 'id').onDelete('CASCADE')
   * ```
   */
  onDelete(action: ForeignKeyAction): this {
    this.#change(() => (this.#target().onDelete = foreignKeyAction(action)))
    return this
  }

  /**
   * What happens to this row when the referenced key changes. Default: `NO ACTION`.
   *
   * @example
   * ```ts
   * table.foreign('country').references('countries', 'code').onUpdate('CASCADE')
   * ```
   */
  onUpdate(action: ForeignKeyAction): this {
    this.#change(() => (this.#target().onUpdate = foreignKeyAction(action)))
    return this
  }

  /** The finished constraint; for `TableBuilder`. */
  static definition(builder: ForeignKeyBuilder, name: string): ForeignKeyDefinition {
    return foreignKeyDefinition(name, builder.#columns, builder.#target())
  }

  #target(): ReferenceDraft {
    if (this.#reference) return this.#reference
    throw new BuilderError('BAD_DEFINITION', {
      what: `the foreign key on (${this.#columns.join(', ')}) has no target`,
      fix: "call .references('table', ['column']) first",
    })
  }
}
