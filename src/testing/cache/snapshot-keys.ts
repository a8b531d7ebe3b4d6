import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { MigrationFile } from '../../migration/source.ts'
import { ARM_AT_START, CAPTURE_BASELINE } from '../baseline/baseline-sql.ts'
import { INITDB_PARAMETERS, SETTINGS } from '../pglite/settings.ts'
import { MigrationInputs } from './migration-inputs.ts'

/** Under which keys the snapshots of a list of migrations are kept. */
export interface SnapshotKeys {
  /** An empty cluster: the same for every project with these versions. */
  readonly cluster: string
  /**
   * At index n the state after the first n migrations; shorter than the list by those from the first one
   * on whose inputs are unknown.
   */
  readonly layers: readonly string[]
  /** What tests begin with, seeds included; undefined when it cannot be kept. */
  readonly baseline: string | undefined
  /** Absolute paths of what the migrations and seeds are, import and name. */
  readonly inputs: readonly string[]
}

/**
 * The keys of a list of migrations: each is a hash of the one before and of what the migration depends
 * on, so that migrations which are the same have the same keys, whatever comes after them.
 *
 * @param seeds - Absolute paths of files that exist.
 * @param root - The folder that relative paths in migrations may start from.
 */
export function snapshotKeys(
  files: readonly MigrationFile[],
  seeds: readonly string[],
  root: string,
  engineVersion: string,
): SnapshotKeys {
  const cluster = chain('cluster', engineVersion, ...SETTINGS, ...INITDB_PARAMETERS)
  const inputs = new MigrationInputs(root)
  const layers = [chain(cluster, packageIdentity())]
  for (const file of files) {
    const paths = file.downPath === undefined ? [file.path] : [file.path, file.downPath]
    const hash = inputs.hash(paths)
    if (hash === undefined) break
    layers.push(chain(layers.at(-1) ?? '', file.name, hash))
  }
  let last = layers.length > files.length ? layers.at(-1) : undefined
  for (const seed of seeds) {
    const hash = inputs.hash([seed])
    last = last && hash && chain(last, 'seed', relative(root, seed), hash)
  }
  return { cluster, layers, baseline: last && baselineKey(last), inputs: inputs.files }
}

/** The key of the state after a layer's migrations, recorded as a baseline. */
export function baselineKey(layer: string): string {
  return chain(layer, CAPTURE_BASELINE, ARM_AT_START)
}

function chain(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32)
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What this package makes of migrations: its version, and while it is being worked on, its code. */
function packageIdentity(): string {
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  if (ROOT.split(sep).includes('node_modules')) return version
  const folder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const code = names.filter((name) => /\.[jt]s$/.test(name) && !name.endsWith('.d.ts'))
  const times = code.toSorted().map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`)
  return chain(version, ...times)
}
