import { expect } from 'vitest'

import { BuilderError } from '../../src/errors.ts'

/** What a call that must throw a `BuilderError` says: code, what, why and fix. */
export function failure(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(BuilderError)
    const { code, what, why, fix } = JSON.parse(JSON.stringify(error)) as Record<string, string>
    return [code, what, why, fix].filter(Boolean).join('\n')
  }
  throw new Error('nothing was thrown')
}
