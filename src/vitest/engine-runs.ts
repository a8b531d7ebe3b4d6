import { ConfigError } from '../errors.ts'
import type { EngineOptions } from '../testing/choose-engine.ts'

/** An engine of a comparison, with what it needs. */
export interface EngineVariant extends EngineOptions {
  readonly engine: 'pglite' | 'postgres'
  /** Tells it from others of its kind, in the names of projects and in the report; its engine unless given. */
  readonly name?: string
}

/** The tests of a project on one engine. */
export interface EngineRun {
  /** Empty when there is no other engine. */
  readonly name: string
  readonly engine: EngineOptions
}

export interface EnginesOption extends EngineOptions {
  readonly engines?: readonly ('pglite' | 'postgres' | EngineVariant)[]
}

const VARIABLE = 'FAASJS_PG_ENGINE'
const KINDS: readonly unknown[] = ['pglite', 'postgres']
// What they say for all servers of the list.
const SERVER_OPTIONS = ['url', 'maintenanceDatabase', 'binaries', 'connections'] as const

/**
 * What the tests run on, one after the other.
 *
 * @throws {ConfigError} `BAD_OPTION` for a list that makes no sense.
 */
export function engineRuns(options: EnginesOption): EngineRun[] {
  const { engines } = options
  if (engines === undefined) return [{ name: '', engine: engineOptions(options) }]
  const variants = readVariants(engines, options)
  const asked = process.env[VARIABLE]
  if (asked === undefined || asked === '' || asked === 'auto') return named(variants)
  const byName = variants.filter(({ name }) => name === asked)
  const chosen = byName.length > 0 ? byName : variants.filter(({ engine }) => engine === asked)
  if (chosen.length > 0) return named(chosen)
  throw badEngines(
    `"${asked}" is none of the engines of the plugin`,
    `the environment variable ${VARIABLE} says so`,
    `use one of ${variants.map(({ name }) => name).join(', ')}`,
  )
}

type NamedVariant = EngineVariant & { readonly name: string }

function readVariants(
  engines: NonNullable<EnginesOption['engines']>,
  options: EnginesOption,
): NamedVariant[] {
  if (!Array.isArray(engines) || engines.length === 0) {
    throw badEngines('the list of engines is empty', undefined, EXAMPLE)
  }
  if (options.engine !== undefined) {
    throw badEngines('"engine" and "engines" are both given', undefined, 'leave one of them out')
  }
  const variants = engines.map((entry) => readVariant(entry, options))
  for (const [index, variant] of variants.entries()) {
    const others = variants.slice(0, index)
    const twin = others.find((other) => other.name === variant.name)
    if (twin) {
      throw badEngines(
        `two engines have the name "${variant.name}"`,
        'their tests could not be told apart',
        "name them: { name: 'postgres-15', engine: 'postgres', url: … }",
      )
    }
    const same = others.find((other) => settingsOf(other) === settingsOf(variant))
    if (same) {
      throw badEngines(
        `the engines "${same.name}" and "${variant.name}" are the same one`,
        'there is nothing to compare',
        'leave one of them out, or give it another url',
      )
    }
  }
  return variants
}

function readVariant(entry: unknown, options: EnginesOption): NamedVariant {
  const given = typeof entry === 'string' ? { engine: entry } : entry
  const { engine, name = engine } = Object(given) as { engine?: unknown; name?: unknown }
  if (engine === 'pg-mem') {
    throw badEngines(
      'pg-mem cannot be one of the engines',
      'it has no DATABASE_URL for the tests',
      EXAMPLE,
    )
  }
  if (!KINDS.includes(engine)) {
    const why = engine === 'auto' ? 'which engine that is depends on what is installed' : undefined
    throw badEngines(
      `${JSON.stringify(engine ?? entry)} cannot be one of the engines`,
      why,
      EXAMPLE,
    )
  }
  if (typeof name !== 'string' || !/^[\w.-]+( [\w.-]+)*$/.test(name)) {
    throw badEngines(
      `${JSON.stringify(name)} is no name for an engine`,
      'it becomes a part of the names of projects',
      'use letters, digits, spaces, dots, dashes and underscores',
    )
  }
  const defaults = Object.fromEntries(
    SERVER_OPTIONS.filter((key) => engine === 'postgres' && options[key] !== undefined).map(
      (key) => [key, options[key]],
    ),
  )
  return { ...defaults, ...(given as EngineVariant), name }
}

function named(variants: readonly NamedVariant[]): EngineRun[] {
  const isAlone = variants.length === 1
  return variants.map((variant) => ({
    name: isAlone ? '' : variant.name,
    engine: engineOptions(variant),
  }))
}

/** Without anything else: what is handed to workers must be data. */
export function engineOptions(options: EngineOptions): EngineOptions {
  const names = ['engine', ...SERVER_OPTIONS] as const
  return Object.fromEntries(names.map((name) => [name, options[name]])) as EngineOptions
}

function settingsOf(variant: EngineVariant): string {
  return JSON.stringify(engineOptions(variant))
}

const EXAMPLE = "PgVitestPlugin({ engines: ['pglite', 'postgres'] })"

function badEngines(what: string, why: string | undefined, fix: string): ConfigError {
  return new ConfigError('BAD_OPTION', { what, why, fix })
}
