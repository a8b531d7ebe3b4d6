import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

import type { transformSync } from 'oxc-transform'

import { transformTypeScript } from './typescript-hooks.ts'

interface CompilableModule {
  _compile(source: string, path: string, format: 'commonjs' | 'module'): void
}

/**
 * Lets `require` load TypeScript, with or without the extension. Node 20 has no hook that reaches
 * `require`; Node 22 has one for loading, but looks for a missing extension only among these.
 */
export function installRequire(transform: typeof transformSync): void {
  const { extensions } = createRequire(import.meta.url)
  for (const extension of ['.ts', '.cts', '.mts']) {
    extensions[extension] = (module: unknown, path: string) => {
      const text = readFileSync(path, 'utf8')
      const { source, format } = transformTypeScript(transform, pathToFileURL(path).href, text)
      ;(module as CompilableModule)._compile(source, path, format)
    }
  }
}
