// Compiled by `npm run types`, never run: tests know the tables they were told of, and no others.
import { sql } from '../../src/builder/sql-fragment.ts'
import type { MigrationTest } from '../../src/testing/author/migration-test.ts'
import type { TestDb } from '../../src/testing/author/test-db.ts'
import type { AuthorDb } from '../../src/vitest/author-db.ts'

interface Blog {
  users: { id: number; email: string; tags: string[]; archived_at: Date | null }
  posts: { id: string; user_id: number; title: string }
}

declare const anything: AuthorDb
declare const migration: MigrationTest
const blog: AuthorDb<Blog> = anything.typed<Blog>()

export async function right(): Promise<void> {
  const user: Blog['users'] = await blog.insert('users', { email: 'a' })
  const ids: number[] = (await blog.insertMany('users', [{ email: 'a' }, {}])).map(({ id }) => id)
  const found: Blog['posts'] | undefined = await blog.findOne('posts', { user_id: ids })
  const one: Blog['posts'] = await blog.one('posts', { user_id: user.id })
  await blog.update('users', { archived_at: null }, { archived_at: null, tags: ['a'] })
  await blog.rows('users', sql`id > 5`)
  const member: TestDb<Blog> = blog.as({ role: 'member' })
  await member.transaction(async (tx) => tx.count('posts', { title: one.title }))
  const [{ n } = { n: 0 }] = await blog.sql<{ n: number }>`SELECT 1 AS n`
  const sum: number = n + 1
  const row: Record<string, unknown> = await anything.insert('anything', { at: 'all' })
  // Tables of another time.
  await migration.db.insert('people', { full_name: 'Grace Hopper' })
  await migration.before((rows) => rows.insert('people', { full_name: 'Grace Hopper' }))
  void [found, sum, row, blog.queries()]
}

export async function wrong(): Promise<void> {
  // @ts-expect-error no such table
  await blog.rows('user')
  // @ts-expect-error no such column
  await blog.insert('users', { emial: 'a' })
  // @ts-expect-error a number is no text
  await blog.insertMany('users', [{ email: 5 }])
  // @ts-expect-error a text is no number, in a list either
  await blog.count('posts', { user_id: ['1'] })
  // @ts-expect-error no such column to look for
  await blog.exists('posts', { name: 'a' })
  // @ts-expect-error it may not be there
  const title = (await blog.findOne('posts', { id: '1' })).title
  // @ts-expect-error no such column in a row
  const { body } = await blog.one('posts', { id: '1' })
  // @ts-expect-error nor for somebody else
  await blog.as({ claims: {} }).rows('user')
  // @ts-expect-error claims are not a text
  blog.as({ claims: '{}' })
  void [title, body]
}
