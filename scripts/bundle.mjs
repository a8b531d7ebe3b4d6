// Run after tsc. What is loaded while tests wait for it becomes one file: to find and read dozens takes longer than
// to run them. Threads that run users' code must share this package's modules with it, and stay as they are.
import { rm } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'

import { rolldown } from 'rolldown'

// What is found by its place in node_modules stays there, and so does what may be there only once: errors are known
// by their classes, and folders that are left at the end by a list. What is imported late somewhere and at once
// elsewhere is named, too: which of them was met first would else decide.
const OUTSIDE = [
  /^node:/,
  /^@?[a-z]/,
  /(^|\/)errors\.js$/,
  /(^|\/)plain-error\.js$/,
  /(^|\/)socket-folder\.js$/,
]

// The thread of a test database, which shares nothing with others.
await bundle('dist/testing/host/host-thread.js', [/^node:/, /^@electric-sql\//])
// What every test file waits for.
await bundle('dist/vitest/equip-test-file.js', OUTSIDE, lateImports())
// What test files import.
await bundle('dist/vitest/author.js', OUTSIDE, lateImports())
await bundle('dist/vitest/matchers.js', OUTSIDE, lateImports())
// What every run of Vitest waits for, and that of each with a server.
await bundle('dist/vitest/plugin.js', OUTSIDE, lateImports())
await bundle('dist/testing/postgres/server-databases.js', OUTSIDE, lateImports())

async function bundle(file, external, plugin) {
  const build = await rolldown({
    input: file,
    platform: 'node',
    external,
    plugins: [ownPlaces(file), plugin],
    treeshake: { moduleSideEffects: 'no-external' },
  })
  await build.write({ file, format: 'esm', codeSplitting: false })
  await build.close()
  // Of the file that was there.
  await rm(`${file}.map`)
}

/** Imports that are run only when they are reached stay imports of files. */
function lateImports() {
  return {
    name: 'late-imports',
    resolveDynamicImport: (specifier, importer) =>
      specifier.startsWith('.')
        ? { id: resolve(dirname(importer), specifier), external: true }
        : null,
  }
}

/** What modules find beside themselves is where it was. */
function ownPlaces(file) {
  return {
    name: 'own-places',
    transform: (code, id) => {
      const path = relative(dirname(resolve(file)), id).replaceAll('\\', '/')
      return code.replaceAll('import.meta.url', `new URL('${path}', import.meta.url).href`)
    },
  }
}
