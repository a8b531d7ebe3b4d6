import { readdir, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'

import { MigrationFileError } from '../errors.ts'
import type { Migration } from './define-migration.ts'

/** Where migrations are, relative to the working directory, unless said otherwise. */
export const DEFAULT_FOLDER = 'src/db/migrations'

/** A migration file that was found; nothing of it has been read. */
export interface MigrationFile {
  /** The file's name without its extension: what the history records. */
  readonly name: string
  /** Absolute path. */
  readonly path: string
  /** Of a migration in two SQL files, the absolute path of the other. */
  readonly downPath?: string
  /** A migration that is a value, not a file. */
  readonly definition?: Migration
}

const MODULE = /^[^.].*\.[mc]?[jt]s$/
const SQL = /^[^.].*\.sql$/
const UP_SQL = /\.up\.sql$/
const DOWN_SQL = /\.down\.sql$/
const NO_MIGRATION = /\.d\.[mc]?ts$|\.(?:test|spec)\./

/**
 * Lists the migrations of a folder in the order in which they run: by code unit of their names.
 *
 * Modules, `<name>.sql`, pairs of `<name>.up.sql` and `<name>.down.sql`, and folders with an `up.sql`
 * are migrations; dot files, declarations, test files and other folders are not.
 *
 * @param folder - Absolute, or relative to the working directory. A pattern (`packages/{a,b}/migrations`)
 *   takes those of several folders together, as one list.
 * @throws {MigrationFileError} `FOLDER_NOT_FOUND`, or `DUPLICATE_MIGRATION` when two files would be
 *   recorded under one name.
 */
export async function findMigrations(folder: string): Promise<MigrationFile[]> {
  const folders = await findFolders(folder)
  const found = await Promise.all(folders.map(listFolder))
  const files = found
    .flat()
    .toSorted((a, b) => compareNames(a.name, b.name) || compareNames(a.path, b.path))
  assertUnique(files)
  return files
}

/**
 * Migrations that are values, in the order of their names.
 *
 * @throws {MigrationFileError} `BAD_MIGRATION_NAME` for one without a name, `DUPLICATE_MIGRATION`.
 */
export function givenMigrations(migrations: readonly Migration[]): MigrationFile[] {
  const files = migrations.map((definition, index): MigrationFile => {
    const { name } = definition
    if (name) return { name, path: `migrations[${index}]`, definition }
    throw new MigrationFileError('BAD_MIGRATION_NAME', {
      what: `migration ${index + 1} of the list has no name`,
      why: 'the name is what the history records',
      fix: "name it: defineMigration({ name: '20260105090000000-create-users', up, down })",
      details: { index },
    })
  })
  const sorted = files.toSorted((a, b) => compareNames(a.name, b.name))
  assertUnique(sorted)
  return sorted
}

/** The order of migrations: by code unit, the same on every machine and in every locale. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Whether a folder that does not exist is meant as a pattern. */
export function isFolderPattern(folder: string): boolean {
  return /[*?{[]/.test(folder)
}

async function findFolders(folder: string): Promise<string[]> {
  const path = resolve(folder)
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error)
  if (!(found instanceof Error) && found.isDirectory()) return [path]
  if (!isFolderPattern(folder)) throw folderNotFound(path, found)
  // Only here: loading it takes longer than listing a thousand files without it.
  const { default: glob } = await import('fast-glob')
  const folders = await glob(folder, { onlyDirectories: true, absolute: true })
  if (folders.length === 0) throw folderNotFound(path, found)
  return folders
}

async function listFolder(folder: string): Promise<MigrationFile[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = new Set(entries.map(({ name }) => name))
  const files: MigrationFile[] = []
  for (const entry of entries) {
    const { name } = entry
    const path = join(folder, name)
    if (entry.isDirectory()) files.push(...(await listSqlFolder(folder, name)))
    if (!(MODULE.test(name) && !NO_MIGRATION.test(name)) && !SQL.test(name)) continue
    if (!entry.isFile() && !(entry.isSymbolicLink() && (await leadsToFile(path)))) continue
    const up = name.replace(UP_SQL, '')
    if (DOWN_SQL.test(name)) {
      if (!names.has(name.replace(DOWN_SQL, '.up.sql'))) throw loneDown(path)
      continue
    }
    const down = `${up}.down.sql`
    files.push({
      name: up === name ? name.slice(0, -extname(name).length) : up,
      path,
      ...(up !== name && names.has(down) && { downPath: join(folder, down) }),
    })
  }
  return files
}

/** A folder is a migration when it has an `up.sql`. */
async function listSqlFolder(folder: string, name: string): Promise<MigrationFile[]> {
  if (name.startsWith('.')) return []
  const inside = new Set(await readdir(join(folder, name)))
  if (!inside.has('up.sql')) return []
  const down = inside.has('down.sql') && { downPath: join(folder, name, 'down.sql') }
  return [{ name, path: join(folder, name, 'up.sql'), ...down }]
}

function loneDown(path: string): MigrationFileError {
  return new MigrationFileError('NO_UP_EXPORT', {
    what: `a migration has a down without an up: ${path}`,
    fix: `write ${path.replace(DOWN_SQL, '.up.sql')}, or delete the file`,
    details: { file: path },
  })
}

async function leadsToFile(link: string): Promise<boolean> {
  // A link that leads nowhere stays in the list: to leave out a migration in silence is worse than
  // to fail at it.
  const target = await stat(link).catch(() => undefined)
  return target?.isFile() ?? true
}

function folderNotFound(folder: string, found: NodeJS.ErrnoException | object): MigrationFileError {
  return new MigrationFileError('FOLDER_NOT_FOUND', {
    what: `migration folder not found: ${folder}`,
    why: whyNotFolder(found),
    fix: 'create it with its first migration: npx faasjs-pg new <name> — or name another one: --folder <path>',
    details: { folder },
    ...(found instanceof Error && { cause: found }),
  })
}

function whyNotFolder(found: NodeJS.ErrnoException | object): string | undefined {
  if (!(found instanceof Error)) return 'this path is a file'
  return 'code' in found && found.code === 'ENOENT' ? undefined : found.message
}

function assertUnique(files: readonly MigrationFile[]): void {
  for (const [index, file] of files.entries()) {
    const previous = files[index - 1]
    if (previous?.name !== file.name) continue
    throw new MigrationFileError('DUPLICATE_MIGRATION', {
      what: `two files are migration "${file.name}"`,
      why: `a migration is recorded without its extension: ${previous.path} and ${file.path} cannot be told apart`,
      fix: `delete one of them, for example: rm ${JSON.stringify(file.path)}`,
      details: { migration: file.name, files: [previous.path, file.path] },
    })
  }
}
