import pg from 'pg'
import { afterAll, expect, test } from 'vitest'

// An application's own pool, as it is in production: it reads DATABASE_URL and knows nothing of tests.
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] })

afterAll(() => pool.end())

async function signUp(email: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    'INSERT INTO users (email, name) VALUES ($1, $2) RETURNING id',
    [email, 'Ada'],
  )
  return rows[0]?.id ?? ''
}

async function write(authorId: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    'INSERT INTO posts (author_id, title) VALUES ($1, $2) RETURNING id',
    [authorId, 'Hello'],
  )
  return rows[0]?.id ?? ''
}

test('a new user is a member: the roles of the migration are there', async () => {
  await signUp('ada@example.test')
  const { rows } = await pool.query(
    'SELECT r.name FROM users u JOIN roles r ON r.id = u.role_id WHERE u.email = $1',
    ['ada@example.test'],
  )
  expect(rows).toEqual([{ name: 'member' }])
})

test('the same address works again: the user of the last test is gone', async () => {
  expect(await signUp('ada@example.test')).toMatch(/^[0-9a-f-]{36}$/)
})

test.for(['first', 'second'])('ids start at 1 in the %s test', async () => {
  expect(await write(await signUp('ada@example.test'))).toBe('1')
})

test('a role that a test removes is back in the next', async () => {
  await pool.query(`DELETE FROM roles WHERE name = 'admin'`)
  expect((await pool.query('SELECT FROM roles')).rowCount).toBe(1)
})

test('and here it is', async () => {
  expect((await pool.query('SELECT FROM roles')).rowCount).toBe(2)
})
