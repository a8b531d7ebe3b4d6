import { MigrationFileError } from '../errors.ts'

const SOURCE = `import type { SchemaBuilder } from '@faasjs/pg'

export function up(builder: SchemaBuilder) {
}

// "down" is derived from "up". Where it cannot be, write it:
// export function down(builder: SchemaBuilder) {}
`

/** What a new migration file contains: an `up` to fill. An empty `down` would undo nothing. */
export function migrationTemplate(): string {
  return SOURCE
}

/** The longest file name that common file systems take, in bytes; the history takes longer ones. */
const LONGEST_FILE_NAME = 255
const STAMP_AND_EXTENSION = '20260102090000000-.ts'.length

/**
 * Turns what a user calls a migration into the part of its file name after the timestamp:
 * `AddEmail to users` becomes `add-email-to-users`.
 *
 * @throws {MigrationFileError} `BAD_MIGRATION_NAME` when nothing sensible can be made of it.
 */
export function kebabName(name: string): string {
  if (/[/\\]/.test(name)) {
    throw badName(name, 'it holds a path separator', name.replaceAll(/[/\\]+/g, '-'))
  }
  if (/\.[mc]?[jt]s$/i.test(name)) {
    throw badName(name, 'the extension is added for you', name.replace(/\.[mc]?[jt]s$/i, ''))
  }
  const kebab = toKebab(name)
  if (kebab === '') throw badName(name, 'it holds neither a letter nor a digit', 'add-email')
  const bytes = Buffer.byteLength(kebab) + STAMP_AND_EXTENSION
  if (bytes > LONGEST_FILE_NAME) {
    const why = `its file name would have ${bytes} bytes, and file systems take ${LONGEST_FILE_NAME}`
    throw badName(name, why, kebab.slice(0, 40))
  }
  return kebab
}

function toKebab(name: string): string {
  return name
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1-$2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
}

function badName(name: string, why: string, better: string): MigrationFileError {
  return new MigrationFileError('BAD_MIGRATION_NAME', {
    what: `${JSON.stringify(name)} cannot be the name of a migration`,
    why,
    fix: `npx faasjs-pg new ${toKebab(better) || 'add-email'}`,
    details: { name },
  })
}

/** 17 digits, to the millisecond, in UTC: names sort as the migrations were written. */
export function timestampOf(time: Date): string {
  return time.toISOString().replaceAll(/\D/g, '')
}

/** A file name's 17 digits as a time; undefined when it does not begin with them. */
function timeOf(name: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})(?!\d)/.exec(name)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, millisecond] = match
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`)
  return Number.isNaN(time.getTime()) ? undefined : time
}

/**
 * The time for a new migration: now, or just after the newest one there is, so that it never sorts
 * before it. Clocks differ, and branches are merged.
 *
 * @param names - The migrations there are, sorted.
 */
export function nextTime(names: readonly string[], now: Date): Date {
  const newest = names.map(timeOf).findLast((time) => time !== undefined)
  if (!newest || newest < now) return now
  return new Date(newest.getTime() + 1)
}
