import type { QualifiedName } from '../definitions.ts'

/** Under which a name is remembered; the same with and without a schema are two. */
export function key({ schema, name }: QualifiedName): string {
  return JSON.stringify([schema ?? null, name])
}
