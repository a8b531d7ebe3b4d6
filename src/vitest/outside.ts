import { currentFile } from './current-lease.ts'

const stand = new Proxy(() => {}, { get: currentFile, apply: currentFile })

/**
 * What stands for the exports of a module that is of use in tests only: whoever calls one, or takes something
 * from it, is told so.
 */
export const outside: object = new Proxy({}, { get: () => stand })
