import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { ConfigError, MigrationFileError } from '../errors.ts'
import { DEFAULT_FOLDER, findMigrations, isFolderPattern } from './source.ts'
import { kebabName, migrationTemplate, nextTime, timestampOf } from './template.ts'

/** A migration file that was written. */
export interface CreatedMigration {
  readonly name: string
  /** Absolute path. */
  readonly path: string
  /** True when the name had to be dated after now, to sort after the newest migration. */
  readonly isPostdated: boolean
}

/**
 * Writes an empty migration; the folder is created when there is none.
 *
 * @param name - In any case and spelling: it becomes kebab-case.
 * @throws {MigrationFileError} `BAD_MIGRATION_NAME`.
 */
export async function createMigration(
  name: string,
  folder: string = DEFAULT_FOLDER,
  now: Date = new Date(),
): Promise<CreatedMigration> {
  const kebab = kebabName(name)
  if (isFolderPattern(folder) && !existsSync(folder)) {
    throw new ConfigError('BAD_OPTION', {
      what: `a new migration needs one folder, not a pattern: ${folder}`,
      fix: `npx faasjs-pg new ${kebab} --folder ${DEFAULT_FOLDER}`,
    })
  }
  await mkdir(folder, { recursive: true })
  const files = await findMigrations(folder)
  const time = nextTime(
    files.map((file) => file.name),
    now,
  )
  const full = `${timestampOf(time)}-${kebab}`
  const path = join(resolve(folder), `${full}.ts`)
  await writeNew(path, kebab)
  return { name: full, path, isPostdated: time > now }
}

async function writeNew(path: string, name: string): Promise<void> {
  try {
    await writeFile(path, migrationTemplate(), { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'EEXIST') throw error
    throw new MigrationFileError('DUPLICATE_MIGRATION', {
      what: `${path} exists already`,
      fix: `npx faasjs-pg new ${name}`,
      cause: error,
    })
  }
}
