import type { Operation } from './operation.ts'

/** What a dropped object was: its definition, and what was done to it since: comments, privileges. */
export type Was<Definition> = Definition & { readonly followedBy?: readonly Operation[] }
