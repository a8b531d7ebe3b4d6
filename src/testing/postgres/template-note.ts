// The comment of a template says when it was used last, and below that what migrations wrote there.
const DAY = 86_400_000
const NOTE = /^faasjs-pg: used (\d{4}-\d\d-\d\d)(?:\n|$)/

/** The comment of a template that was used now, or so many days before, made of the one that it has. */
export function noteUse(comment: string | null, daysBefore: number): string {
  const own = ownComment(comment)
  const day = new Date(Date.now() - daysBefore * DAY).toISOString().slice(0, 10)
  const note = `faasjs-pg: used ${day}`
  return own === null ? note : `${note}\n${own}`
}

/** What migrations have written as the comment of a database. */
export function ownComment(comment: string | null): string | null {
  return comment?.replace(NOTE, '') || null
}

/** Whole days since a template was used; undefined when nobody knows. */
export function daysUnused(comment: string | null): number | undefined {
  const day = NOTE.exec(comment ?? '')?.[1]
  return day === undefined ? undefined : Math.floor((Date.now() - Date.parse(day)) / DAY)
}
