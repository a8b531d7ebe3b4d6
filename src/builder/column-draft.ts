import { BuilderError } from '../errors.ts'
import type {
  ColumnDefinition,
  ConstraintDefinition,
  DefaultDefinition,
  Deferral,
  GeneratedDefinition,
  IdentityDefinition,
  QualifiedName,
} from '../operations/definitions.ts'
import { generatedName } from '../operations/generated-name.ts'
import { foreignKeyDefinition } from './foreign-key-builder.ts'
import type { ReferenceDraft } from './foreign-key-builder.ts'
import type { CreateIndexOptions } from './table-indexes.ts'

/** A column while its chain is still being written. */
export class ColumnDraft {
  name: string
  type: string
  nullable = false
  unique:
    | {
        readonly name?: string
        readonly nullsNotDistinct?: true
        readonly deferrable?: Deferral
      }
    | undefined
  /** What rows that are there already get. */
  backfill: DefaultDefinition | undefined
  typeOf: ColumnDefinition['typeOf']
  generated: GeneratedDefinition | undefined
  identity: IdentityDefinition | undefined
  check: string | undefined
  checkName: string | undefined
  default: DefaultDefinition | undefined
  collate: QualifiedName | undefined
  references: ReferenceDraft | undefined
  onComment: (text: string | null) => void = () => undefined
  onIndex: (options: CreateIndexOptions) => void = () => undefined
  #primary = false
  #primaryName: string | undefined
  readonly #claimPrimary: () => void

  constructor(name: string, type: string, claimPrimary: () => void) {
    this.name = name
    this.type = type
    this.#claimPrimary = claimPrimary
  }

  /** Takes the table's only primary key, or throws. */
  setPrimary(name?: string): void {
    if (!this.#primary) this.#claimPrimary()
    this.#primary = true
    if (name !== undefined) this.#primaryName = name
  }

  get isPrimary(): boolean {
    return this.#primary
  }

  reference(method: string): ReferenceDraft {
    if (this.references) return this.references
    throw new BuilderError('BAD_DEFINITION', {
      what: `${method}() of column "${this.name}" has no foreign key to belong to`,
      fix: `call .references('table', 'column') before .${method}()`,
      details: { column: this.name },
    })
  }

  definition(): ColumnDefinition {
    return {
      name: this.name,
      type: this.type,
      ...(this.typeOf && { typeOf: this.typeOf }),
      nullable: this.nullable,
      ...(this.default && { default: this.default }),
      ...(this.generated && { generated: this.generated }),
      ...(this.identity && { identity: this.identity }),
      ...(this.collate && { collate: this.collate }),
    }
  }

  /** The constraints of the column's own chain, in a fixed order. */
  constraints(table: QualifiedName): ConstraintDefinition[] {
    const columns = [this.name]
    const own = (suffix: string): string => generatedName([table.name, this.name], suffix)
    const found: ConstraintDefinition[] = []
    if (this.#primary) {
      const name = this.#primaryName ?? generatedName([table.name], 'pkey')
      found.push({ type: 'primaryKey', name, columns })
    }
    if (this.unique) found.push({ type: 'unique', name: own('key'), columns, ...this.unique })
    if (this.check !== undefined) {
      found.push({
        type: 'check',
        name: this.checkName ?? own('check'),
        expression: this.check,
      })
    }
    if (this.references) {
      const name = this.references.name ?? own('fkey')
      found.push(foreignKeyDefinition(name, columns, this.references))
    }
    return found
  }
}
