/** Where a failed statement belongs, for its report. */
export interface FailureContext {
  readonly migration?: string
  /** What was left behind or undone. */
  readonly note?: string
  /** The statement itself, where the operation holds several. */
  readonly sql?: string
}
