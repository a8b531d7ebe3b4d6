// Runs fixtures of the plugin with other majors of Vitest, each installed into a temporary folder together
// with this package as it is published. Needs the npm registry: npm run test:vitest-versions [version…]
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VERSIONS = ['3.2.4', '4.1.12', '5.1.1']
/** Fixtures, what is passed to Vitest, and how many tests have to pass. */
const RUNS = [
  ['app', ['--pool=forks'], 12],
  ['app', ['--pool=threads', '--no-isolate'], 12],
  ['app', ['--pool=vmThreads'], 12],
  ['strays', [], 3],
  ['changes', [], 3],
  ['idle', [], 1],
  ['projects', [], 5],
]

const versions = process.argv.length > 2 ? process.argv.slice(2) : VERSIONS
const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const tarball = pack()
let failures = 0
for (const version of versions) failures += check(version)
rmSync(tarball, { force: true })
process.exitCode = failures > 0 ? 1 : 0

function pack() {
  const { stdout } = run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', tmpdir()],
    ROOT,
  )
  return join(tmpdir(), JSON.parse(stdout)[0].filename)
}

function check(version) {
  const folder = mkdtempSync(join(tmpdir(), `faasjs-pg-vitest-${version}-`))
  try {
    const dependencies = {
      '@faasjs/pg': `file:${tarball}`,
      '@electric-sql/pglite': devDependencies['@electric-sql/pglite'],
      pg: 'latest',
      postgres: devDependencies.postgres,
      vitest: version,
      // Of Vitest 5 a peer only.
      ...(version.startsWith('5') && { vite: 'latest' }),
    }
    const manifest = { name: 'fixtures', private: true, type: 'module', dependencies }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], folder)
    return RUNS.filter((fixture) => isSupported(version, fixture)).filter(
      (fixture) => !passes(version, folder, fixture),
    ).length
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The virtual contexts of Vitest 5 need Node 22, as Vitest 5 itself says. */
function isSupported(version, [, args]) {
  const [node] = process.versions.node.split('.')
  return !(version.startsWith('5') && Number(node) < 22 && args.includes('--pool=vmThreads'))
}

function passes(version, folder, [fixture, args, count]) {
  cpSync(join(ROOT, 'test/vitest/fixtures'), folder, { recursive: true })
  const report = join(folder, 'report.json')
  rmSync(report, { force: true })
  const env = { ...process.env, NO_COLOR: '1', FIXTURE_LOG: join(folder, 'log') }
  delete env.DATABASE_URL
  const result = spawnSync(
    process.execPath,
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
  console.log(
    `vitest ${version}, node ${process.version}: ${fixture} ${args.join(' ')}: ${outcome}`,
  )
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
