import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileFunction } from 'node:vm'

import type { transformSync } from 'oxc-transform'

/** What a module loader needs to know of a file that was TypeScript. */
export interface TransformedModule {
  readonly format: 'commonjs' | 'module'
  readonly source: string
  readonly shortCircuit: true
}

/** Files under `node_modules` are never touched: packages ship JavaScript. */
export function isTypeScriptUrl(url: string): boolean {
  return url.startsWith('file:') && /\.[mc]?ts$/.test(url) && !isInstalled(url)
}

function isInstalled(url: string): boolean {
  return url.includes('/node_modules/')
}

/**
 * Turns TypeScript into JavaScript with an inline source map, so that the lines of a stack are those
 * of the `.ts` file.
 *
 * @throws {SyntaxError} whose message begins with `path:line:column`.
 */
export function transformTypeScript(
  transform: typeof transformSync,
  url: string,
  text: string,
): TransformedModule {
  const path = fileURLToPath(url)
  const { code, map, errors } = transform(path, text, { lang: 'ts', sourcemap: true })
  const error = errors.find(({ severity }) => (severity as string) === 'Error')
  if (error) {
    const place = position(text, error.labels[0]?.start ?? 0)
    throw new SyntaxError(`${path}:${place.line}:${place.column}: ${error.message}`)
  }
  // Only what Node needs: the content of the file stays where it is.
  const lines = JSON.stringify({ version: 3, sources: [url], names: [], mappings: map?.mappings })
  const comment = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(lines).toString('base64')}`
  return { format: formatOf(path, code), source: `${code}\n${comment}\n`, shortCircuit: true }
}

function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

/**
 * Outside `"type": "module"` the syntax decides: `export` in a project without that line is what
 * TypeScript projects write every day, and `module.exports` is the other thing they write.
 */
function formatOf(path: string, code: string): 'commonjs' | 'module' {
  if (path.endsWith('.mts') || (path.endsWith('.ts') && isModulePackage(dirname(path)))) {
    return 'module'
  }
  try {
    compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'])
    return 'commonjs'
  } catch {
    return 'module'
  }
}

const modulePackages = new Map<string, boolean>()

function isModulePackage(folder: string): boolean {
  let isModule = modulePackages.get(folder)
  if (isModule === undefined) {
    isModule = readIsModule(folder)
    modulePackages.set(folder, isModule)
  }
  return isModule
}

function readIsModule(folder: string): boolean {
  let text: string
  try {
    text = readFileSync(join(folder, 'package.json'), 'utf8')
  } catch {
    const parent = dirname(folder)
    return parent !== folder && isModulePackage(parent)
  }
  const manifest: unknown = JSON.parse(text)
  return (
    typeof manifest === 'object' && manifest !== null && Reflect.get(manifest, 'type') === 'module'
  )
}

const SOURCES_OF: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
}
const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json']

/**
 * The file that TypeScript would have taken for a relative import which Node cannot resolve:
 * `./helpers` and `./helpers.js` may both be `helpers.ts`, `./lib` may be `lib/index.ts`.
 */
export function typeScriptAlternative(
  specifier: string,
  parentUrl: string | undefined,
): string | undefined {
  if (!/^\.{1,2}(?:\/|$)|^file:/.test(specifier)) return undefined
  if (!parentUrl?.startsWith('file:') || isInstalled(parentUrl)) return undefined
  const target = new URL(specifier, parentUrl)
  const written = /\.[mc]?js$/.exec(target.pathname)?.[0]
  const candidates = [
    ...(written
      ? (SOURCES_OF[written] ?? []).map(
          (extension) => target.pathname.slice(0, -written.length) + extension,
        )
      : []),
    ...EXTENSIONS.map((extension) => target.pathname + extension),
    ...EXTENSIONS.map((extension) => `${target.pathname.replace(/\/$/, '')}/index${extension}`),
  ]
  return candidates
    .map((pathname) => new URL(pathname, target))
    .find((url) => existsSync(url) && statSync(url).isFile())?.href
}
