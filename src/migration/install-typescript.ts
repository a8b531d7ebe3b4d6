import { readFileSync } from 'node:fs'
import * as nodeModule from 'node:module'

import type { transformSync } from 'oxc-transform'

import { MigrationFileError } from '../errors.ts'
import { installRequire } from './require-typescript.ts'
import { isTypeScriptUrl, transformTypeScript, typeScriptAlternative } from './typescript-hooks.ts'

interface ResolveContext {
  readonly parentURL?: string
}

/** The hooks that run in the thread which imports: Node 22.15 and later. */
interface InThreadHooks {
  resolve(
    specifier: string,
    context: ResolveContext,
    next: (specifier: string, context: ResolveContext) => unknown,
  ): unknown
  load(url: string, context: unknown, next: (url: string, context: unknown) => unknown): unknown
}

type RegisterHooks = (hooks: InThreadHooks) => void

let installed: Promise<void> | undefined

/**
 * Lets this thread import TypeScript, once for all: files, their relative imports without extension or
 * with `.js` in place of `.ts`, enums and parameter properties, in ESM and CommonJS projects.
 *
 * The transformer is used even where Node strips types itself: it is twice as fast, knows all of the
 * syntax, and makes a migration behave the same on every Node.
 *
 * @throws {MigrationFileError} `LOAD_FAILED` when neither the transformer nor Node can do it.
 */
export function installTypeScript(): Promise<void> {
  installed ??= install()
  return installed
}

async function install(): Promise<void> {
  // Run from its own sources, this package is in the hands of something that loads TypeScript.
  if (import.meta.url.endsWith('.ts')) return
  process.setSourceMapsEnabled(true)
  const { registerHooks } = nodeModule as { readonly registerHooks?: RegisterHooks }
  try {
    const { transformSync } = await import('oxc-transform')
    if (registerHooks) installInThread(registerHooks, transformSync)
    else nodeModule.register(new URL('./typescript-thread.js', import.meta.url))
    installRequire(transformSync)
  } catch (error) {
    if (Reflect.get(process.features, 'typescript')) return
    throw new MigrationFileError('LOAD_FAILED', {
      what: 'TypeScript migrations cannot be loaded: the transformer "oxc-transform" does not start',
      why: error instanceof Error ? error.message : String(error),
      fix: 'reinstall it with its binary: npm install --include=optional — or use Node 22.18 or later',
      cause: error,
    })
  }
}

function installInThread(registerHooks: RegisterHooks, transform: typeof transformSync): void {
  registerHooks({
    resolve(specifier, context, next) {
      // A migration itself: there is nothing to find out.
      if (isTypeScriptUrl(specifier)) return { url: specifier, shortCircuit: true }
      try {
        return next(specifier, context)
      } catch (error) {
        const alternative = typeScriptAlternative(specifier, context.parentURL)
        if (alternative === undefined) throw error
        return { url: alternative, shortCircuit: true }
      }
    },
    load(url, context, next) {
      if (!isTypeScriptUrl(url)) return next(url, context)
      return transformTypeScript(transform, url, readFileSync(new URL(url), 'utf8'))
    },
  })
}
