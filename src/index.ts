export type {
  AggregateArgumentInput,
  AggregateArguments,
  AggregateInput,
  AggregateStateInput,
  CreateAggregateOptions,
} from './builder/aggregates.ts'
export type { BelongsToOptions, TableReference } from './builder/associations.ts'
export type { BackfillOptions } from './builder/calls/column-calls.ts'
export type { AddForeignKeyOptions, ForeignKeyTarget } from './builder/calls/constraint-calls.ts'
export type { CascadeOption } from './builder/calls/type-calls.ts'
export { ColumnBuilder } from './builder/column-builder.ts'
export type { IdentityOptions } from './builder/column-builder.ts'
export type { ColumnChange } from './builder/column-change.ts'
export type * from './builder/constraint-options.ts'
export type { DefaultInput } from './builder/default-value.ts'
export { defineTable } from './builder/define-table.ts'
export type { DefinedTable } from './builder/define-table.ts'
export type { DomainDefaultBefore, DomainOptions } from './builder/domain-definition.ts'
export type { AddTypeValueOptions, ReplaceTypeOptions } from './builder/enum-values.ts'
export type { DropConstraintOptions } from './builder/drop-constraint.ts'
export type { EventTriggerOptions } from './builder/event-triggers.ts'
export { ForeignKeyBuilder } from './builder/foreign-key-builder.ts'
export type {
  IndexKeyInput,
  IndexKeyOptions,
  IndexKeysInput,
  IndexOptions,
} from './builder/index-keys.ts'
export type { NameInput } from './builder/names.ts'
export type { PartitionBoundInput, PartitionKeyInput } from './builder/partitions.ts'
export type { PolicyChangeInput, PolicyInput } from './builder/policies.ts'
export type {
  GrantDefaultOptions,
  GrantOptions,
  PrivilegeInput,
  PrivilegesInput,
  RevokeDefaultOptions,
  RevokeOptions,
} from './builder/privileges.ts'
export type {
  PublicationChangeInput,
  PublicationContentsInput,
  PublicationOptions,
  PublicationSettingsInput,
  PublicationTableInput,
  PublicationTableOptions,
} from './builder/publications.ts'
export type { ReplaceOptions } from './builder/replacement.ts'
export type { RoleInput } from './builder/roles.ts'
export type {
  CreateFunctionOptions,
  CreateProcedureOptions,
  FunctionInput,
  RoutineArgumentInput,
  RoutineInput,
} from './builder/routines.ts'
export { SchemaBuilder } from './builder/schema-builder.ts'
export type { ExtensionOptions, SchemaOptions } from './builder/schemas.ts'
export type {
  AlterSequenceOptions,
  SequenceNumber,
  SequenceOptions,
  SequenceRestart,
} from './builder/sequence-options.ts'
export { rawSql, Sql, sql } from './builder/sql-fragment.ts'
export type { SqlTag, SqlValue } from './builder/sql-fragment.ts'
export { TableBuilder } from './builder/table-builder.ts'
export type { DropColumnOptions, DropOptions } from './builder/table-builder.ts'
export type { ExcludeElementInput, ExcludeOptions } from './builder/table-constraints.ts'
export type { CreateIndexOptions, DropIndexOptions, NamedIndex } from './builder/table-indexes.ts'
export type {
  CommentTargetInput,
  OwnerTargetInput,
  PrivilegeTargetInput,
} from './builder/targets.ts'
export type { CreateTriggerOptions, TriggerEventInput, TriggerInput } from './builder/triggers.ts'
export type {
  AttributeInput,
  AttributesInput,
  RangeOptions,
  TypeInput,
} from './builder/type-definition.ts'
export type {
  CreateViewOptions,
  MaterializedViewInput,
  MaterializedViewOptions,
  RefreshOptions,
  ViewInput,
  ViewOptions,
} from './builder/views.ts'
export type {
  Capabilities,
  Database,
  Engine,
  Feature,
  Executor,
  QueryResult,
  Session,
} from './database/database.ts'
export { openDatabase } from './database/open.ts'
export type { DatabaseTarget, PgClientLike, PGliteLike, PgPoolLike } from './database/open.ts'
export * from './errors.ts'
export { defineMigration } from './migration/define-migration.ts'
export type {
  Migration,
  MigrationContext,
  MigrationDirection,
  MigrationFunction,
  MigrationStep,
} from './migration/define-migration.ts'
export { defineMigrationSource, migrate, migrateDown } from './migration/define-migration-source.ts'
export type { MigrationSource } from './migration/define-migration-source.ts'
export type { MigrationEvent, MigrationRun } from './migration/events.ts'
export type { LockHolder } from './migration/lock-holder.ts'
export type { MigrationDb, Row, Where } from './migration/migration-db.ts'
export { Migrator } from './migration/migrator.ts'
export type {
  DownResult,
  MigrateResult,
  MigratorOptions,
  RunOptions,
} from './migration/migrator.ts'
export type { AppliedMigration, ListedMigration } from './migration/plan.ts'
export type * from './operations/definitions.ts'
export { describe } from './operations/describe.ts'
export { invert, invertAll } from './operations/invert.ts'
export type * from './operations/operation.ts'
export { compile } from './sql/compile.ts'
export { identifier, qualifiedName } from './sql/identifier.ts'
export { literal } from './sql/literal.ts'
export type { ColumnName, TableName, Tables } from './tables.ts'
