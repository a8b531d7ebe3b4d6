import { setFlagsFromString } from 'node:v8'

import type { PGliteOptions } from '@electric-sql/pglite'

/** The code of an engine, compiled. */
export type Program = NonNullable<PGliteOptions['pgliteWasmModule']>

interface WasmCompiler {
  compile(bytes: Uint8Array): Promise<Program>
}

// V8 counts down, function by function, roughly the bytes of code it executes, and then compiles the function
// once more, optimised. For PostgreSQL that takes longer than all queries of a usual run and makes them at most
// a tenth faster: it is left to functions that have used up what an integer can hold.
const PATIENT = 2 ** 31 - 1
// Of V8 12 and later; before it was 1,800,000.
const USUAL = 13_000_000

/**
 * Compiles the code of an engine so that the processors are left to the tests.
 *
 * The count is given to functions as the compilation begins, so that other programs of this process get theirs
 * as ever.
 */
export async function compileProgram(wasm: Uint8Array): Promise<Program> {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WasmCompiler }
  setFlagsFromString(`--wasm-tiering-budget=${PATIENT}`)
  try {
    return await WebAssembly.compile(wasm)
  } finally {
    setFlagsFromString(`--wasm-tiering-budget=${USUAL}`)
  }
}
