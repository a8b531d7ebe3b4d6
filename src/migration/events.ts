import type { LockHolder } from './lock-holder.ts'

/** One migration that was applied or taken back. */
export interface MigrationRun {
  readonly name: string
  /** From loading the file to the end of COMMIT. */
  readonly durationMs: number
  /** How many statements the migration recorded. */
  readonly statements: number
  /** It has read or written rows: what it does depends on them, and not on its file alone. */
  readonly dynamic?: true
}

/** What a run tells while it goes on. */
export type MigrationEvent =
  | ({ readonly kind: 'applied' } & MigrationRun)
  | ({ readonly kind: 'reverted' } & MigrationRun)
  /** Another run holds the lock; told again whenever somebody else has it. */
  | { readonly kind: 'waiting'; readonly holder: LockHolder | undefined }
