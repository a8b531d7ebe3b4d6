import type { ViewOperation } from '../views.ts'
import type { Describers } from './describers.ts'
import { full, quote } from './words.ts'

export const viewDescribers: Describers<ViewOperation> = {
  createMaterializedView: (op) => `create materialized view ${full(op.view)}`,
  createView: (op) => `${op.replace ? 'create or replace' : 'create'} view ${full(op.view)}`,
  dropMaterializedView: (op) => `drop materialized view ${full(op.view)}`,
  dropView: (op) => `drop view ${full(op.view)}`,
  refreshMaterializedView: (op) =>
    `refresh materialized view ${full(op.view)}${op.concurrently ? ' concurrently' : ''}`,
  renameMaterializedView: (op) => `rename materialized view ${full(op.view)} to ${quote(op.to)}`,
  renameView: (op) => `rename view ${full(op.view)} to ${quote(op.to)}`,
}
