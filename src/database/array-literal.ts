/**
 * Reads the text form of a PostgreSQL array, `{1,NULL,"a b"}`, with any number of dimensions.
 *
 * @param parse - Reads the text of one element.
 */
export function parseArray(text: string, parse: (element: string) => unknown): unknown[] {
  // Bounds that do not start at 1 are written in front: [0:1]={a,b}
  const start = text.indexOf('{')
  return new ArrayReader(text, start, parse).read()
}

class ArrayReader {
  readonly #text: string
  readonly #parse: (element: string) => unknown
  #at: number

  constructor(text: string, at: number, parse: (element: string) => unknown) {
    this.#text = text
    this.#at = at
    this.#parse = parse
  }

  /** Reads from an opening brace to behind its closing one. */
  read(): unknown[] {
    const elements: unknown[] = []
    this.#at++
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]
      if (character === '}') {
        this.#at++
        break
      }
      if (character === ',') this.#at++
      else if (character === '{') elements.push(this.read())
      else if (character === '"') elements.push(this.#parse(this.#quoted()))
      else elements.push(this.#plain())
    }
    return elements
  }

  #quoted(): string {
    let value = ''
    for (this.#at++; this.#at < this.#text.length && this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#text[this.#at] === '\\') this.#at++
      value += this.#text[this.#at]
    }
    this.#at++
    return value
  }

  #plain(): unknown {
    const start = this.#at
    while (!/[,}]/.test(this.#text[this.#at] ?? '}')) this.#at++
    const value = this.#text.slice(start, this.#at)
    return value === 'NULL' ? null : this.#parse(value)
  }
}

/**
 * Writes the text form of a PostgreSQL array.
 *
 * @param encode - Writes one element; null becomes NULL.
 */
export function formatArray(
  elements: readonly unknown[],
  encode: (element: unknown) => string | null,
): string {
  const parts = elements.map((element) => {
    if (Array.isArray(element)) return formatArray(element, encode)
    const text = encode(element)
    return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  })
  return `{${parts.join(',')}}`
}
