/** A name that may carry its schema. */
export interface QualifiedName {
  readonly schema?: string
  readonly name: string
}

/** A piece of SQL that is emitted exactly as written. */
export interface SqlFragment {
  readonly sql: string
}

/** A constant: what `literal()` can say in SQL. */
export interface LiteralValue {
  readonly value: string | number | boolean | null
}

/** A column's default: a constant, or an expression. */
export type DefaultDefinition = LiteralValue | SqlFragment

/** A column whose value is computed from others. */
export interface GeneratedDefinition {
  readonly expression: string
  /** Kept in the table; otherwise computed when it is read (PostgreSQL 18 and later). */
  readonly stored: boolean
}

export interface IdentityDefinition {
  /** `ALWAYS` refuses values of your own, `BY DEFAULT` takes them. */
  readonly mode: 'ALWAYS' | 'BY DEFAULT'
  readonly start?: number
  readonly increment?: number
}

/** A column, without the constraints that have a name of their own. */
export interface ColumnDefinition {
  readonly name: string
  /** As written in SQL: `integer`, `varchar(20)`, `text[]`, `"app"."mood"`. */
  readonly type: string
  /** The type is that of this column, to be looked up when it runs; `type` is empty until then. */
  readonly typeOf?: readonly { readonly table: QualifiedName; readonly column: string }[]
  readonly nullable: boolean
  readonly default?: DefaultDefinition
  readonly generated?: GeneratedDefinition
  readonly identity?: IdentityDefinition
  /** A collation, possibly schema-qualified. */
  readonly collate?: QualifiedName
}

export type ForeignKeyAction = 'CASCADE' | 'NO ACTION' | 'RESTRICT' | 'SET DEFAULT' | 'SET NULL'

/** When a deferrable constraint is checked unless the transaction says otherwise. */
export type Deferral = 'DEFERRED' | 'IMMEDIATE'

interface NamedConstraint {
  readonly name: string
}

interface DeferrableConstraint extends NamedConstraint {
  /** Absent: not deferrable. */
  readonly deferrable?: Deferral
}

interface KeyDefinition extends DeferrableConstraint {
  readonly columns: readonly string[]
  /** Columns that the index carries without being part of the key. */
  readonly include?: readonly string[]
  /** A unique index that becomes the constraint's own; it takes the constraint's name. */
  readonly usingIndex?: string
}

export interface PrimaryKeyDefinition extends KeyDefinition {
  readonly type: 'primaryKey'
}

export interface UniqueDefinition extends KeyDefinition {
  readonly type: 'unique'
  /** Two NULLs count as equal (PostgreSQL 15 and later). */
  readonly nullsNotDistinct?: boolean
}

export interface CheckDefinition extends NamedConstraint {
  readonly type: 'check'
  readonly expression: string
  /** Rows that are there already are not looked at. */
  readonly notValid?: boolean
  /** Child tables do not inherit it. */
  readonly noInherit?: boolean
}

export interface ForeignKeyDefinition extends DeferrableConstraint {
  readonly type: 'foreignKey'
  readonly columns: readonly string[]
  readonly references: { readonly table: QualifiedName; readonly columns: readonly string[] }
  readonly match?: 'FULL' | 'SIMPLE'
  readonly onDelete?: ForeignKeyAction
  readonly onUpdate?: ForeignKeyAction
  /** Rows that are there already are not looked at. */
  readonly notValid?: boolean
}

/** One part of an exclusion constraint: no two rows may compare true by its operator. */
export interface ExcludeElement {
  readonly column?: string
  readonly expression?: string
  readonly opclass?: string
  readonly with: string
}

export interface ExcludeDefinition extends DeferrableConstraint {
  readonly type: 'exclude'
  readonly method: IndexMethod
  readonly elements: readonly ExcludeElement[]
  readonly where?: string
}

export type ConstraintDefinition =
  | CheckDefinition
  | ExcludeDefinition
  | ForeignKeyDefinition
  | PrimaryKeyDefinition
  | UniqueDefinition

export type IndexMethod = 'brin' | 'btree' | 'gin' | 'gist' | 'hash' | 'spgist'

/** One key of an index: a column or an expression. */
export interface IndexKey {
  readonly column?: string
  readonly expression?: string
  readonly opclass?: string
  readonly collate?: QualifiedName
  readonly order?: 'ASC' | 'DESC'
  readonly nulls?: 'FIRST' | 'LAST'
}

/** Storage parameters, as in `WITH (fillfactor = 70)`. */
export type StorageParameters = Readonly<Record<string, string | number | boolean>>

export interface IndexDefinition {
  readonly name: string
  readonly keys: readonly IndexKey[]
  readonly unique: boolean
  /** Default: PostgreSQL's own, `btree`. */
  readonly method?: IndexMethod
  readonly include?: readonly string[]
  readonly nullsNotDistinct?: boolean
  readonly with?: StorageParameters
  readonly tablespace?: string
  /** Only rows for which this holds are in the index. */
  readonly where?: string
  /** Not on the partitions of a partitioned table. */
  readonly only?: boolean
}

export type PartitionStrategy = 'HASH' | 'LIST' | 'RANGE'

export interface PartitionKey {
  readonly column?: string
  readonly expression?: string
}

/** How a table is cut into partitions. */
export interface PartitionByDefinition {
  readonly strategy: PartitionStrategy
  readonly keys: readonly PartitionKey[]
}

/** Which rows a partition takes. `MINVALUE` and `MAXVALUE` are SQL fragments. */
export type PartitionBound =
  | { readonly default: true }
  | { readonly in: readonly DefaultDefinition[] }
  | { readonly from: readonly DefaultDefinition[]; readonly to: readonly DefaultDefinition[] }
  | { readonly modulus: number; readonly remainder: number }

/** What `LIKE` copies besides columns and their NOT NULL. */
export type LikePart =
  | 'ALL'
  | 'COMMENTS'
  | 'COMPRESSION'
  | 'CONSTRAINTS'
  | 'DEFAULTS'
  | 'GENERATED'
  | 'IDENTITY'
  | 'INDEXES'
  | 'STATISTICS'
  | 'STORAGE'

export interface LikeDefinition {
  readonly table: QualifiedName
  readonly including: readonly LikePart[]
}

/** What a table is made of when it is created. */
export interface TableDefinition {
  readonly table: QualifiedName
  readonly columns: readonly ColumnDefinition[]
  readonly constraints: readonly ConstraintDefinition[]
  readonly persistence?: 'TEMPORARY' | 'UNLOGGED'
  /** What happens to a temporary table at the end of a transaction. Default: `PRESERVE ROWS`. */
  readonly onCommit?: 'DELETE ROWS' | 'DROP' | 'PRESERVE ROWS'
  readonly like?: readonly LikeDefinition[]
  readonly inherits?: readonly QualifiedName[]
  readonly partitionBy?: PartitionByDefinition
  /** The partitioned table it belongs to, and its rows. It has no columns of its own then. */
  readonly partitionOf?: { readonly table: QualifiedName; readonly bound: PartitionBound }
  readonly with?: StorageParameters
  readonly tablespace?: string
}
