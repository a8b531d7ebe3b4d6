/**
 * Finds for as many patterns as possible a value of their own: one that several match goes to the one that
 * matches no other.
 *
 * @returns For each pattern the index of its value.
 */
export function pairUp<Pattern, Value>(
  patterns: readonly Pattern[],
  values: readonly Value[],
  matches: (value: Value, pattern: Pattern) => boolean,
): (number | undefined)[] {
  const owners = new Map<number, number>()
  const candidates = patterns.map((pattern, index) => {
    // Most lists are in order already.
    const order = [index, ...values.keys()]
    return order.filter((at) => {
      const value = values[at]
      return value !== undefined && matches(value, pattern)
    })
  })
  const claim = (pattern: number, asked: Set<number>): boolean => {
    for (const at of candidates[pattern] ?? []) {
      if (asked.has(at)) continue
      asked.add(at)
      const owner = owners.get(at)
      if (owner !== undefined && !claim(owner, asked)) continue
      owners.set(at, pattern)
      return true
    }
    return false
  }
  for (const pattern of patterns.keys()) claim(pattern, new Set())
  const partners = patterns.map((): number | undefined => undefined)
  for (const [at, pattern] of owners) partners[pattern] = at
  return partners
}
