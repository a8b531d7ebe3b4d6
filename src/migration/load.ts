import { pathToFileURL } from 'node:url'

import { MigrationFileError } from '../errors.ts'
import { installTypeScript } from './install-typescript.ts'
import { loadError } from './load-error.ts'
import { loadedMigration } from './loaded-migration.ts'
import type { Exports, LoadedMigration } from './loaded-migration.ts'
import type { MigrationFile } from './source.ts'
import type { SqlMigration } from './sql-file.ts'

/**
 * Reads a migration and returns what it defines.
 *
 * @throws {MigrationFileError} `LOAD_FAILED` naming file, line and cause; `BAD_SQL`; `NO_UP_EXPORT`;
 *   `BAD_DOWN_EXPORT`; `BAD_EXPORT`.
 */
export async function loadMigration(file: MigrationFile): Promise<LoadedMigration> {
  if (file.definition) return loadedMigration(file, { ...file.definition })
  if (file.path.endsWith('.sql')) {
    const { isDownOutside, ...definition } = await readSql(file)
    return { ...loadedMigration(file, definition), ...(isDownOutside && { isDownOutside }) }
  }
  return loadedMigration(file, exportsOf(await importFile(file)))
}

async function readSql(file: MigrationFile): Promise<SqlMigration> {
  // Only here: a project without SQL files does not need their reader.
  const { loadSqlMigration } = await import('./sql-file.ts')
  try {
    return await loadSqlMigration({ up: file.path, down: file.downPath })
  } catch (error) {
    if (error instanceof MigrationFileError) throw error
    throw await loadError(file, error)
  }
}

async function importFile(file: MigrationFile): Promise<unknown> {
  try {
    if (/\.[mc]?ts$/.test(file.path)) await installTypeScript()
    return await import(pathToFileURL(file.path).href)
  } catch (error) {
    throw await loadError(file, error)
  }
}

/** Named exports, the default export, or what a CommonJS build makes of either. */
function exportsOf(exports: unknown): Exports {
  let holder = exports
  for (let depth = 0; depth < 3 && isObject(holder); depth++) {
    const { up, change } = holder
    // Of a CommonJS module Node guesses some names only: what it exports is the whole of it.
    const isGuessed = isObject(holder['default']) && holder['default']['up'] === up
    if (change !== undefined || (up !== undefined && !isGuessed)) return holder
    holder = holder['default']
  }
  return {}
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
