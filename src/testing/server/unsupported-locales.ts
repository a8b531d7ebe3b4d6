import type { Refusal } from './unsupported.ts'

const ICU: Refusal = {
  message: 'the embedded engine has no ICU collations beside the root one',
  detail:
    'Its ICU data is cut down: it would take this collation and compare as if it were the ' +
    'root one, case-sensitively.',
}

const LIBC: Refusal = {
  message: 'the embedded engine has no collations of the operating system beside "C"',
  detail: 'It would take this collation and compare bytes: capital letters before all others.',
}

const FORMATS: Refusal = {
  message: 'the embedded engine knows no local formats of money, numbers and dates',
  detail: 'It would take this locale and format as in English.',
}

const ICU_NAME = /^"(?!und-x-icu")[\w-]+-x-icu"$/
const LIBC_NAME = /^"[a-z]{2,3}_[a-z]{2}(?:\.[\w-]+)?(?:@\w+)?"$/
const ICU_ROOT = new Set(['', 'und', 'root'])
const LIBC_PLAIN = new Set(['c', 'posix', 'c.utf-8', 'c.utf8'])
const FORMAT_SETTING = /^lc_(?:monetary|numeric|time)$/
const FORMAT_PLAIN = /^(?:c|posix|default|en_us|c\.utf-?8)/

/**
 * Why a statement that names a locale is not run: the embedded engine takes every name, and then does as if
 * it were another.
 *
 * @param inner - The words of a statement, as `statementsOf` returns them.
 */
export function localeRefusal(inner: readonly string[]): Refusal | undefined {
  const words = inner.map((word) => word.replace(/^\((?=.)/, ''))
  if (words[0] === 'create' && words[1] === 'collation') {
    const refusal = definitionRefusal(inner)
    if (refusal) return refusal
  }
  for (const [index, word] of words.entries()) {
    if (word === 'collate' || (word === 'from' && words[1] === 'collation')) {
      const refusal = nameRefusal(collationName(words, index + 1))
      if (refusal) return refusal
    }
    if (words[0] === 'set' && FORMAT_SETTING.test(word) && !isPlainFormat(words[index + 2])) {
      return FORMATS
    }
  }
  return undefined
}

/** The last part of a name: `pg_catalog."en-x-icu"`. */
function collationName(words: readonly string[], start: number): string {
  return (words[start + 1] === '.' ? words[start + 2] : words[start]) ?? ''
}

function nameRefusal(name: string): Refusal | undefined {
  if (ICU_NAME.test(name)) return ICU
  return LIBC_NAME.test(name) ? LIBC : undefined
}

function definitionRefusal(words: readonly string[]): Refusal | undefined {
  const value = (name: string): string | undefined => {
    const at = words.indexOf(`(${name}`)
    return at < 0 ? undefined : words[at + 2]?.replaceAll(/^\(|'|"/g, '')
  }
  const provider = value('provider') ?? 'libc'
  const locales = [value('locale'), value('lc_collate'), value('lc_ctype')]
  const isOther = (known: ReadonlySet<string>): boolean =>
    locales.some((locale) => locale !== undefined && !known.has(locale))
  if (provider === 'icu' && isOther(ICU_ROOT)) return ICU
  if (provider === 'libc' && isOther(LIBC_PLAIN)) return LIBC
  return undefined
}

function isPlainFormat(value = ''): boolean {
  return FORMAT_PLAIN.test(value.replaceAll(/['"]/g, ''))
}
