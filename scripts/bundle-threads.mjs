// Run after tsc. The thread that runs a test database is started while a test waits for it: as one file it is
// loaded in a third of the time. Threads that run users' code must share this package's modules with it, and stay
// as they are.
import { rm } from 'node:fs/promises'

import { rolldown } from 'rolldown'

const THREADS = ['dist/testing/host/host-thread.js']

for (const thread of THREADS) {
  const bundle = await rolldown({
    input: thread,
    platform: 'node',
    // What is found by its place in node_modules stays there.
    external: [/^node:/, /^@electric-sql\//],
  })
  await bundle.write({ file: thread, format: 'esm', codeSplitting: false })
  await bundle.close()
  // Of the file that was there.
  await rm(`${thread}.map`)
}
