import { createRequire } from 'node:module'

import { missingPeer } from '../database/missing-peer.ts'
import { currentFile } from './current-lease.ts'

/** @throws {ConfigError} `MISSING_PEER` without Vitest. */
function refuse(): unknown {
  try {
    createRequire(import.meta.url).resolve('vitest')
  } catch (error) {
    throw missingPeer('vitest', 'what is exported for test files needs the package "vitest"', error)
  }
  return currentFile()
}

const stand = new Proxy(() => {}, { get: refuse, apply: refuse })

/**
 * What stands for the exports of a module that is of use in tests only: whoever calls one, or takes something
 * from it, is told so.
 */
export const outside: object = new Proxy({}, { get: () => stand })
