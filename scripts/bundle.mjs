// Run after tsc. What is loaded while tests wait for it becomes one file: to find and read dozens takes longer than
// to run them. Threads that run users' code must share this package's modules with it, and stay as they are.
import { rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { rolldown } from 'rolldown'

// What is found by its place in node_modules stays there.
const OUTSIDE = [/^node:/, /^@electric-sql\//]

/** Imports that are run only when they are reached stay imports of files. */
const lateImports = {
  name: 'late-imports',
  resolveDynamicImport: (specifier, importer) =>
    typeof specifier === 'string' && specifier.startsWith('.')
      ? { id: resolve(dirname(importer), specifier), external: true }
      : null,
}

// The thread of a test database, which nobody else shares modules with.
await bundle('dist/testing/host/host-thread.js')
// What every test file waits for. Errors are known by their classes, of which there must be one each: late.
await bundle('dist/vitest/equip-test-file.js', lateImports)

async function bundle(file, ...plugins) {
  const build = await rolldown({
    input: file,
    platform: 'node',
    external: OUTSIDE,
    plugins,
    treeshake: { moduleSideEffects: 'no-external' },
  })
  const { output } = await build.write({ file, format: 'esm', codeSplitting: false })
  await build.close()
  const [needed] = output[0].code.match(/^import .*"\..*/m) ?? []
  if (needed) throw new Error(`${file} is not one file: ${needed}`)
  // Of the file that was there.
  await rm(`${file}.map`)
}
