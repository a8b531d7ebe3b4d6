const IRREGULAR: Readonly<Record<string, string>> = {
  children: 'child',
  feet: 'foot',
  men: 'man',
  mice: 'mouse',
  people: 'person',
  teeth: 'tooth',
  women: 'woman',
}

/** Words that end in s and are no plurals. */
const SINGULAR = /(?:ss|us|is|series|species|news|analytics|settings)$/

/**
 * The singular of a table's name, for the name of a column that points to it: `categories` gives
 * `category`. A word it does not know to be a plural stays as it is.
 */
export function singular(name: string): string {
  const [, front = '', word = name] = /^(.*_)?([^_]+)$/.exec(name) ?? []
  return front + singularWord(word)
}

function singularWord(word: string): string {
  const irregular = IRREGULAR[word.toLowerCase()]
  if (irregular !== undefined) return irregular
  if (SINGULAR.test(word)) return word
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`
  if (/(?:ch|sh|s|x|z)es$/.test(word)) {
    // `addresses`, `boxes`, but `cases` and `sizes`.
    return /(?:ss|x|ch|sh|us)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1)
  }
  return word.endsWith('s') ? word.slice(0, -1) : word
}
