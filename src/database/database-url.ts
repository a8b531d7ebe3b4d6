import { homedir } from 'node:os'
import { resolve } from 'node:path'

import { ConfigError } from '../errors.ts'
import { redactUrl } from './redact-url.ts'

/** What a database URL asks for. */
export type DatabaseLocation =
  | { readonly engine: 'postgres'; readonly url: string }
  /** Without a folder the database lives in memory. */
  | { readonly engine: 'pglite'; readonly url: string; readonly folder: string | undefined }

const SERVER_EXAMPLE = 'postgres://user:password@localhost:5432/mydb'
const FOLDER_EXAMPLE = 'pglite:./.data/dev'

/**
 * Understands `postgres://…`, `postgresql://…`, `pglite://memory` and `pglite:<folder>`.
 *
 * A folder is relative to the current directory; `~/` is the home directory.
 *
 * @throws {ConfigError} `NO_DATABASE_URL` for an empty one, `BAD_URL` for every other text.
 */
export function parseDatabaseUrl(text: string): DatabaseLocation {
  const url = text.trim()
  if (url === '') throw noDatabaseUrl()
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'pglite') return { engine: 'pglite', url, folder: pgliteFolder(url) }
  if (scheme !== 'postgres' && scheme !== 'postgresql') throw badUrl(url, ...explain(url, scheme))
  if (!/^[a-z]+:\/\//i.test(url)) {
    throw badUrl(url, `there is no // after "${scheme}:"`, SERVER_EXAMPLE)
  }
  return { engine: 'postgres', url }
}

/** The error for a database that is nowhere named: it shows both ways on. */
export function noDatabaseUrl(): ConfigError {
  return new ConfigError('NO_DATABASE_URL', {
    what: 'no database URL was given',
    why: 'DATABASE_URL is not set, or empty',
    fix: `DATABASE_URL=${SERVER_EXAMPLE}   # a server\nDATABASE_URL=${FOLDER_EXAMPLE}   # the embedded database, in a folder`,
  })
}

/** The error for a text that is no usable database URL. */
export function badUrl(url: string, why: string, instead: string): ConfigError {
  return new ConfigError('BAD_URL', {
    what: `"${redactUrl(url)}" is not a database URL`,
    why,
    fix: `DATABASE_URL=${instead}`,
    details: { url: redactUrl(url) },
  })
}

function pgliteFolder(url: string): string | undefined {
  const path = url.slice('pglite:'.length).replace(/^\/\//, '')
  if (path === '' || path === 'memory') return undefined
  return resolve(path.replace(/^~(?=$|\/)/, homedir()))
}

/** Why a text is no database URL, and what was probably meant. */
function explain(url: string, scheme: string | undefined): [why: string, instead: string] {
  const folder = /^file:(?:\/\/)?(.*)$/i.exec(url)?.[1]
  if (folder !== undefined)
    return ['the embedded database has a scheme of its own', `pglite:${folder}`]
  if (scheme === 'memory')
    return ['the embedded database has a scheme of its own', 'pglite://memory']
  if (scheme === 'jdbc') return ['a JDBC URL is for Java', url.slice('jdbc:'.length)]
  if (/^(?:host|hostaddr|dbname|user|port)\s*=/.test(url)) {
    return ['settings in the form "host=…" are not understood', SERVER_EXAMPLE]
  }
  // "localhost:5432/mydb" parses as a URL with the scheme "localhost".
  if (/^[^/\\?#]+:\d+(?:\/|$)/.test(url)) return ['it has no scheme', `postgres://${url}`]
  if (scheme !== undefined && scheme.length > 1) {
    return [`the scheme "${scheme}" is not one of postgres, postgresql, pglite`, SERVER_EXAMPLE]
  }
  return ['it is the path of a folder, without a scheme', `pglite:${url}`]
}
