import type { QualifiedName } from '../definitions.ts'

export function full(name: QualifiedName): string {
  return name.schema === undefined ? quote(name.name) : quote(`${name.schema}.${name.name}`)
}

export function quote(text: string): string {
  return `"${text}"`
}

export function list(texts: readonly string[]): string {
  return `(${texts.join(', ')})`
}

export function firstLine(sql: string): string {
  const [line = '', ...rest] = sql.trim().split('\n')
  return rest.length > 0 ? `${line} …` : line
}
