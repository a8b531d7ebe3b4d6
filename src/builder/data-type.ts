import { BuilderError } from '../errors.ts'

/** What a column's type means for the way its default is written. */
export type TypeFamily = 'array' | 'date' | 'json' | 'other' | 'scalar' | 'text'

const FAMILIES: readonly (readonly [TypeFamily, RegExp])[] = [
  ['array', /\[\d*\]$|\sarray$/],
  ['json', /^jsonb?$/],
  ['date', /^(date|time|timetz|timestamp|timestamptz)\b/],
  ['text', /^(text|varchar|char|character|bpchar|citext|name|xml)\b/],
  [
    'scalar',
    /^(smallint|integer|int|int2|int4|int8|bigint|serial|decimal|numeric|real|double|float|float4|float8|money|boolean|bool|uuid|inet|cidr|macaddr|macaddr8|interval|bytea)\b/,
  ],
]

export function typeFamily(type: string): TypeFamily {
  const plain = type.trim().toLowerCase()
  return FAMILIES.find(([, pattern]) => pattern.test(plain))?.[0] ?? 'other'
}

/**
 * A type stands in SQL as written, so what would end the column's definition early is refused: a
 * semicolon, a comment, an open quote.
 */
export function checkType(type: string): string {
  // In JavaScript nothing but this stands between a forgotten argument and the SQL.
  const outsideQuotes = typeof type === 'string' ? type.replaceAll(/"(?:[^"]|"")*"/g, 'q') : ''
  if (outsideQuotes.trim() === '' || /;|--|\/\*|"|\0/.test(outsideQuotes)) {
    throw new BuilderError('BAD_DEFINITION', {
      what: `${JSON.stringify(type)} is not a type`,
      fix: "pass a type as PostgreSQL writes it, such as 'numeric(10, 2)' or 'text[]'",
      details: { type },
    })
  }
  return type.trim()
}
