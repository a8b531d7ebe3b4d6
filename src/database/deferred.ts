/** A promise that is settled from outside; Node 20 has no `Promise.withResolvers`. */
export interface Deferred {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export function deferred(): Deferred {
  const settle: { resolve?: () => void; reject?: (error: unknown) => void } = {}
  const promise = new Promise<void>((resolve, reject) => Object.assign(settle, { resolve, reject }))
  return { promise, ...(settle as Required<typeof settle>) }
}
