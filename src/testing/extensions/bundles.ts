import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const SUFFIX = '.tar.gz'

/** Extensions that have a package of their own. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['age', '@electric-sql/pglite-age'],
  ['pg_hashids', '@electric-sql/pglite-pg_hashids'],
  ['pg_ivm', '@electric-sql/pglite-pg_ivm'],
  ['pg_textsearch', '@electric-sql/pglite-pg_textsearch'],
  ['pg_uuidv7', '@electric-sql/pglite-pg_uuidv7'],
  ['pgtap', '@electric-sql/pglite-pgtap'],
  ['postgis', '@electric-sql/pglite-postgis'],
  ['vector', '@electric-sql/pglite-pgvector'],
])

/** Where an extension comes from. */
export type Bundle =
  | { readonly kind: 'file'; readonly path: string }
  /** There is a package with it, which is not installed. */
  | { readonly kind: 'package'; readonly name: string }

/**
 * Finds the archive of an extension: with PGlite, or in a package of its own that the project has.
 *
 * @param folder - Where packages are looked for beside this package's own place.
 */
export function findBundle(name: string, folder: string = process.cwd()): Bundle | undefined {
  if (!/^[\w-]+$/.test(name)) return undefined
  const contributed = packageFolder('@electric-sql/pglite', folder)
  const path = contributed && join(contributed, `${name}${SUFFIX}`)
  if (path !== undefined && existsSync(path)) return { kind: 'file', path }
  const ownPackage = PACKAGES.get(name)
  if (ownPackage === undefined) return undefined
  const own = packageFolder(ownPackage, folder)
  const ownPath = own && join(own, `${name}${SUFFIX}`)
  if (ownPath !== undefined && existsSync(ownPath)) return { kind: 'file', path: ownPath }
  return { kind: 'package', name: ownPackage }
}

/** Names of the extensions that can be had without installing anything. */
export function availableExtensions(folder: string = process.cwd()): string[] {
  const contributed = packageFolder('@electric-sql/pglite', folder)
  const files = contributed === undefined ? [] : readdirSync(contributed)
  const names = files
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
  const own = [...PACKAGES.keys()].filter((name) => findBundle(name, folder)?.kind === 'file')
  return [...new Set([...names, ...own, 'plpgsql'])].toSorted()
}

/** The folder that the package's entry is in, next to which its archives are. */
function packageFolder(name: string, folder: string): string | undefined {
  for (const base of [join(folder, 'index.js'), import.meta.url]) {
    try {
      return dirname(createRequire(base).resolve(name))
    } catch {
      // Not installed there.
    }
  }
  return undefined
}
