import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { onTestFinished } from 'vitest'

import type { MigrationFile } from '../../src/migration/source.ts'

/** A throw-away project folder. */
export interface Project {
  readonly root: string
  /** Its `src/db/migrations`. */
  readonly folder: string
  write(files: Readonly<Record<string, string>>): void
  /** A migration in its folder, by file name. */
  file(fileName: string): MigrationFile
}

/** Creates a project that is removed when the test ends; paths are relative to its migrations. */
export function createProject(
  files: Readonly<Record<string, string>> = {},
  manifest: Readonly<Record<string, unknown>> = { type: 'module' },
): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'faasjs-pg-project-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, 'src/db/migrations')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest))
  const project: Project = {
    root,
    folder,
    write(more) {
      for (const [name, text] of Object.entries(more)) {
        const path = join(folder, name)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, text)
      }
    },
    file: (fileName) => ({
      name: fileName.replace(/\.\w+$/, ''),
      path: join(folder, fileName),
    }),
  }
  project.write(files)
  return project
}

/** A migration that creates a table. */
export function creates(table: string): string {
  return `export function up(builder) { builder.createTable('${table}', (table) => { table.number('id').primary() }) }
export function down(builder) { builder.dropTable('${table}') }
`
}
