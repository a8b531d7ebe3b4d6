import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

import { fixturePath } from './run-vitest.ts'

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))

// What the package and the fixtures import.
const DEPENDENCIES = [
  '@electric-sql/pglite',
  'commander',
  'fast-glob',
  'oxc-transform',
  'pg',
  'pg-mem',
  'postgres',
  'tinyexec',
  'vitest',
]

/**
 * Copies a fixture into a folder outside of this package and installs the package there, as npm does:
 * under `node_modules`, where Vitest treats files differently. Removed after the test.
 *
 * @param more - Packages that it has besides those which this one needs.
 */
export async function installFixture(name: string, more: readonly string[] = []): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'faasjs-pg-installed-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  await cp(fixturePath(name), root, { recursive: true })
  await writeFile(join(root, 'package.json'), '{ "type": "module" }')
  const modules = join(root, 'node_modules')
  for (const file of ['package.json', 'dist']) {
    await cp(join(PACKAGE, file), join(modules, '@faasjs/pg', file), { recursive: true })
  }
  for (const dependency of [...DEPENDENCIES, ...more]) {
    const target = join(modules, dependency)
    await mkdir(dirname(target), { recursive: true })
    await symlink(join(PACKAGE, 'node_modules', dependency), target, 'dir')
  }
  return root
}
