// The comment of a template says when it was used last, and below that what migrations wrote there.
const NOTE = /^faasjs-pg: used (\d{4}-\d\d-\d\d)(?:\n|$)/

/** The comment of a template that is used now, made of the one that it has. */
export function noteUse(comment: string | null): string {
  const own = ownComment(comment)
  const note = `faasjs-pg: used ${new Date().toISOString().slice(0, 10)}`
  return own === null ? note : `${note}\n${own}`
}

/** What migrations have written as the comment of a database. */
export function ownComment(comment: string | null): string | null {
  return comment?.replace(NOTE, '') || null
}

/** Whole days since a template was used; undefined when nobody knows. */
export function daysUnused(comment: string | null): number | undefined {
  const day = NOTE.exec(comment ?? '')?.[1]
  return day === undefined ? undefined : Math.floor((Date.now() - Date.parse(day)) / 86_400_000)
}
