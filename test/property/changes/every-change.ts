import type { Change } from '../world.ts'
import { attachedChanges } from './attached-changes.ts'
import { databaseChanges } from './database-changes.ts'
import { objectChanges } from './object-changes.ts'
import { rememberedChanges } from './remembered-changes.ts'
import { specialTableChanges } from './special-table-changes.ts'
import { tableChanges } from './table-changes.ts'
import { typeChanges } from './type-changes.ts'

export const everyChange: readonly Change[] = [
  ...tableChanges,
  ...attachedChanges,
  ...rememberedChanges,
  ...specialTableChanges,
  ...typeChanges,
  ...databaseChanges,
  ...objectChanges,
]
