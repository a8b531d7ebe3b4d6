import type { QualifiedName } from '../operations/definitions.ts'
import type { ViewDefinition, ViewOperation } from '../operations/views.ts'
import { columnList } from './columns.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { replaceOrRecreate } from './replace-or-recreate.ts'
import { withParameters } from './storage-parameters.ts'
import { words } from './words.ts'

export const viewCompilers: Compilers<ViewOperation> = {
  createView: (op) => {
    if (op.replace !== 'recreate')
      return createView(op.replace ? 'CREATE OR REPLACE' : 'CREATE', op)
    return replaceOrRecreate({
      replace: createView('CREATE OR REPLACE', op),
      drop: `DROP VIEW ${qualifiedName(op.view)}`,
      create: createView('CREATE', op),
      refusal: 'invalid_table_definition',
    })
  },

  renameView: (op) => `ALTER VIEW ${qualifiedName(op.view)} RENAME TO ${identifier(op.to)}`,

  dropView: (op) => `DROP VIEW ${qualifiedName(op.view)}`,

  createMaterializedView: (op) =>
    words(
      `CREATE MATERIALIZED VIEW ${qualifiedName(op.view)}`,
      op.columns && columnList(op.columns),
      withParameters(op.with),
      op.tablespace !== undefined && `TABLESPACE ${identifier(op.tablespace)}`,
      asQuery(op.query, op.withData === false && 'WITH NO DATA'),
    ),

  refreshMaterializedView: (op) =>
    words(
      'REFRESH MATERIALIZED VIEW',
      op.concurrently && 'CONCURRENTLY',
      qualifiedName(op.view),
      op.withData === false && 'WITH NO DATA',
    ),

  renameMaterializedView: (op) =>
    `ALTER MATERIALIZED VIEW ${qualifiedName(op.view)} RENAME TO ${identifier(op.to)}`,

  dropMaterializedView: (op) => `DROP MATERIALIZED VIEW ${qualifiedName(op.view)}`,
}

function createView(create: string, op: ViewDefinition & { readonly view: QualifiedName }): string {
  const options = [
    op.securityBarrier && 'security_barrier = true',
    op.securityInvoker && 'security_invoker = true',
  ].filter(Boolean)
  return words(
    create,
    op.temporary && 'TEMPORARY',
    op.recursive && 'RECURSIVE',
    `VIEW ${qualifiedName(op.view)}`,
    op.columns && columnList(op.columns),
    options.length > 0 && `WITH (${options.join(', ')})`,
    asQuery(op.query, op.checkOption && `WITH ${op.checkOption} CHECK OPTION`),
  )
}

function asQuery(query: string, clause: string | false | undefined): string {
  return ['AS', query, ...(clause ? [clause] : [])].join('\n')
}
