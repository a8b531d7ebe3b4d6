/** Why PostgreSQL cannot store this text; undefined when it can. */
export function unstorableReason(text: string): string | undefined {
  if (text.includes('\0')) return 'it has a NUL character'
  if (/\p{Surrogate}/u.test(text)) return 'it has half of a surrogate pair'
  return undefined
}
