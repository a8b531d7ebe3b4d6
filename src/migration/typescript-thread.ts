import { readFileSync } from 'node:fs'
import type { LoadHook, ResolveHook } from 'node:module'

import { transformSync } from 'oxc-transform'

import { isTypeScriptUrl, transformTypeScript, typeScriptAlternative } from './typescript-hooks.ts'

// Node runs this module in a thread of its own, where `module.registerHooks` does not exist.

export const resolve: ResolveHook = async (specifier, context, next) => {
  // A migration itself: there is nothing to find out.
  if (isTypeScriptUrl(specifier)) return { url: specifier, shortCircuit: true }
  try {
    return await next(specifier, context)
  } catch (error) {
    const alternative = typeScriptAlternative(specifier, context.parentURL)
    if (alternative === undefined) throw error
    return { url: alternative, shortCircuit: true }
  }
}

export const load: LoadHook = async (url, context, next) => {
  if (!isTypeScriptUrl(url)) return next(url, context)
  const module = transformTypeScript(transformSync, url, readFileSync(new URL(url), 'utf8'))
  // Without a source it goes to `require`, which knows how to deal with what it requires in turn.
  return module.format === 'module' ? module : { format: 'commonjs', shortCircuit: true }
}
