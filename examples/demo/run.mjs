// What a new user does in the first ten minutes, on the embedded database: migrate, look, test.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { x } from 'tinyexec'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = '.data/demo'
const began = performance.now()

rmSync(`${root}${folder}`, { recursive: true, force: true })

await step('creating a PostgreSQL database in this process and migrating it', [
  'bin/faasjs-pg.js',
  'migrate',
])
await step('what is applied', ['bin/faasjs-pg.js', 'status'])
await step('testing against it: a migrated database for each Vitest worker, reset between tests', [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--config',
  'examples/demo/vitest.config.ts',
])

console.log(
  `\nDone in ${seconds(began)}: 3 migrations, 2 databases (one in ./${folder}, one in memory).`,
)

async function step(title, args) {
  const start = performance.now()
  console.log(`\n── ${title}\n$ ${args.join(' ').replace(/^bin\/faasjs-pg.js/, 'faasjs-pg')}`)
  const result = x(process.execPath, args, {
    throwOnError: true,
    nodeOptions: {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, DATABASE_URL: `pglite:./${folder}` },
    },
  })
  await result
  console.log(`(${seconds(start)})`)
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
