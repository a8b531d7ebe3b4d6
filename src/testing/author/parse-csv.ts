/**
 * Reads rows as `COPY … CSV HEADER` does: an empty field is null, a quoted one a text, also when that is empty.
 *
 * @returns One object a line, by the names in the first line.
 * @throws an error that names the line which is not like the first one, or where a quote is out of place.
 */
export function parseCsv(text: string): Record<string, string | null>[] {
  const [header = [], ...lines] = linesOf(text.replace(/^\uFEFF/, ''))
  return lines.map((fields, index) => {
    if (fields.length !== header.length) {
      throw new Error(`row ${index + 1} has ${fields.length} fields, not ${header.length}`)
    }
    return Object.fromEntries(header.map((name, column) => [name ?? '', fields[column] ?? null]))
  })
}

const FIELD = /"((?:[^"]|"")*)"|[^,"\r\n]*/y
const END = /,|\r?\n|$/y

function* linesOf(text: string): Generator<(string | null)[]> {
  let line: (string | null)[] = []
  let at = 0
  while (at < text.length) {
    FIELD.lastIndex = at
    const [whole = '', quoted] = FIELD.exec(text) ?? []
    line.push(quoted === undefined ? whole || null : quoted.replaceAll('""', '"'))
    END.lastIndex = at + whole.length
    const [end] = END.exec(text) ?? []
    if (end === undefined) throw new Error(`a quote is out of place at character ${at + 1}`)
    at += whole.length + end.length
    if (end === ',') {
      // A field that is not there, at the very end.
      if (at === text.length) line.push(null)
      else continue
    }
    if (line.length > 1 || line[0] !== null) yield line
    line = []
  }
}
