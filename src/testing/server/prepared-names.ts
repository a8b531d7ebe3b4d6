import { identifier } from '../../sql/identifier.ts'
import { TOKEN } from './copy-statement.ts'

const SUSPECT = /\b(?:prepare|execute|deallocate)\b/i
const BLANK = /^(?:\s|--|\/\*)/
const NAME = /^(?:"|[\p{L}_])/u

/**
 * Gives statements that are prepared by SQL other names in a text: `PREPARE`, `EXECUTE` (also after `EXPLAIN`
 * and `AS`) and `DEALLOCATE`. In the session all connections share one name space.
 *
 * @returns undefined when there are none.
 */
export function renamePrepared(sql: string, rename: (name: string) => string): string | undefined {
  if (!SUSPECT.test(sql)) return undefined
  let [first, previous, isNamed] = ['', '', false]
  let renamed = ''
  for (const [token] of sql.matchAll(TOKEN)) {
    if (BLANK.test(token)) {
      renamed += token
      continue
    }
    const word = token.toLowerCase()
    const isName = isNameAfter(first, previous, word) && NAME.test(token)
    isNamed ||= isName
    renamed += isName ? identifier(rename(nameOf(token))) : token
    first = token === ';' ? '' : first || word
    previous = token === ';' ? '' : isName ? '"' : word
  }
  return isNamed ? renamed : undefined
}

function isNameAfter(first: string, previous: string, word: string): boolean {
  if (previous === 'execute') return /^(?:execute|explain|create)$/.test(first) && !isRoutine(word)
  // DEALLOCATE may be followed by PREPARE.
  if (previous === 'prepare')
    return first === 'prepare' ? word !== 'transaction' : first === 'deallocate'
  return previous === 'deallocate' && word !== 'all' && word !== 'prepare'
}

/** Of `CREATE TRIGGER … EXECUTE FUNCTION`. */
function isRoutine(word: string): boolean {
  return word === 'function' || word === 'procedure'
}

function nameOf(token: string): string {
  return token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token.toLowerCase()
}
