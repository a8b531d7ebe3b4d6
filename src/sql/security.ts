import type { QualifiedName } from '../operations/definitions.ts'
import type { SecurityOperation } from '../operations/security.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { roleList } from './roles.ts'
import { words } from './words.ts'

export const securityCompilers: Compilers<SecurityOperation> = {
  enableRls: (op) =>
    `ALTER TABLE ${qualifiedName(op.table)} ENABLE ROW LEVEL SECURITY${op.force ? ', FORCE ROW LEVEL SECURITY' : ''}`,

  disableRls: (op) =>
    `ALTER TABLE ${qualifiedName(op.table)} DISABLE ROW LEVEL SECURITY${op.force ? ', NO FORCE ROW LEVEL SECURITY' : ''}`,

  policy: (op) =>
    words(
      `CREATE ${target(op)}`,
      op.as && `AS ${op.as}`,
      `FOR ${op.for} TO ${roleList(op.to)}`,
      ...expressions(op),
    ),

  alterPolicy: (op) =>
    words(
      `ALTER ${target(op)}`,
      op.change.to && `TO ${roleList(op.change.to)}`,
      ...expressions(op.change),
    ),

  renamePolicy: (op) => `ALTER ${target(op)} RENAME TO ${identifier(op.to)}`,

  dropPolicy: (op) => `DROP ${target(op)}`,
}

function target(op: { readonly policy: string; readonly table: QualifiedName }): string {
  return `POLICY ${identifier(op.policy)} ON ${qualifiedName(op.table)}`
}

function expressions(op: {
  readonly using?: string
  readonly withCheck?: string
}): (string | undefined)[] {
  return [op.using && `USING (${op.using})`, op.withCheck && `WITH CHECK (${op.withCheck})`]
}
