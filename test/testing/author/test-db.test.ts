import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { sql } from '../../../src/builder/sql-fragment.ts'
import type { TestDb } from '../../../src/testing/author/test-db.ts'
import { ENGINES, openTestDb } from './test-db-on-engines.ts'

const SCHEMA = `
CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, tags jsonb);
CREATE TABLE grants (scope text, number int, PRIMARY KEY (scope, number));
CREATE TABLE log (line text);
CREATE SCHEMA app;
CREATE SCHEMA auth;
CREATE FUNCTION auth.uid() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub') $$;
CREATE TABLE app.posts (id bigint PRIMARY KEY, owner text NOT NULL, title text);
ALTER TABLE app.posts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.posts
  USING (owner = current_setting('request.jwt.claims', true)::json ->> 'sub');`

const ROLE = 'test_db_member'

describe.each(ENGINES)('%s', (engine) => {
  let db: TestDb

  beforeAll(async () => {
    db = await openTestDb(engine, SCHEMA)
    await db.raw(`CREATE ROLE ${ROLE}; GRANT USAGE ON SCHEMA app TO ${ROLE};
      GRANT ALL ON ALL TABLES IN SCHEMA app TO ${ROLE}`)
  })

  afterEach(() => db.raw('TRUNCATE users, grants, log, app.posts RESTART IDENTITY'))

  afterAll(async () => {
    await db.raw(`DROP OWNED BY ${ROLE}; DROP ROLE ${ROLE}`)
    await db.close()
  })

  test('writes and reads rows', async () => {
    expect(await db.insert('users', { name: 'Ada', tags: ['a', 'b'] })).toEqual({
      id: 1,
      name: 'Ada',
      tags: ['a', 'b'],
    })
    await db.insertMany('users', [{ name: 'Bea' }, { name: 'Cleo' }])
    expect(await db.update('users', { name: 'Dora' }, { name: ['Bea', 'Cleo'] })).toBe(2)
    expect(await db.delete('users', { id: 2 })).toBe(1)
    expect(await db.exists('users', { name: 'Ada' })).toBe(true)
    expect(await db.findOne('users', { id: 3 })).toMatchObject({ name: 'Dora' })
    expect(await db.findOne('users', { id: 4 })).toBeUndefined()
    expect(await db.count('users')).toBe(2)
    expect(await db.count('users', { name: 'Ada' })).toBe(1)
    expect(await db.hasTable('app.posts')).toBe(true)
    expect(await db.hasTable('posts')).toBe(false)
  })

  test('sends values of a template as parameters, and fragments as they are', async () => {
    const name = `Robert'); DROP TABLE users; --`
    await db.sql`INSERT INTO users (name) VALUES (${name}), (${'Ada'})`
    const order = sql`name DESC`
    expect(await db.sql`SELECT id, name FROM users WHERE id < ${9} ORDER BY ${order}`).toEqual([
      { id: 1, name },
      { id: 2, name: 'Ada' },
    ])
  })

  test('lists rows in the order of the primary key', async () => {
    const rows = [
      { scope: 'b', number: 1 },
      { scope: 'a', number: 10 },
      { scope: 'a', number: 9 },
    ]
    await db.insertMany('grants', rows)
    expect(await db.rows('grants')).toEqual([rows[2], rows[1], rows[0]])
    expect(await db.rows('grants', { scope: 'a' })).toEqual([rows[2], rows[1]])
    await db.insertMany('app.posts', [
      { id: '10', owner: '1', title: 'ten' },
      { id: '9', owner: '1', title: 'nine' },
    ])
    expect((await db.rows('app.posts')).map(({ title }) => title)).toEqual(['nine', 'ten'])
    await db.insert('log', { line: 'one' })
    expect(await db.rows('log')).toEqual([{ line: 'one' }])
  })

  test('lists rows without a telling key by what they hold', async () => {
    await db.raw(`CREATE TABLE things (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner uuid,
      made timestamptz DEFAULT now(), name text, place json)`)
    const names = ['b', 'a', 'Z', 'a']
    try {
      for (const [n, name] of names.entries()) {
        await db.insert('things', { name, place: { n }, owner: crypto.randomUUID() })
      }
      expect((await db.rows('things')).map(({ name, place }) => [name, place])).toEqual([
        ['Z', { n: 2 }],
        ['a', { n: 1 }],
        ['a', { n: 3 }],
        ['b', { n: 0 }],
      ])
      expect(await db.rows('things', { name: 'b' })).toHaveLength(1)
      await expect(db.rows('none')).rejects.toMatchObject({ code: '42P01' })
    } finally {
      await db.raw('DROP TABLE things')
    }
  })

  test('sees the database as somebody else, under row level security', async () => {
    await db.insertMany('app.posts', [
      { id: '1', owner: 'ada', title: 'mine' },
      { id: '2', owner: 'bea', title: 'hers' },
    ])
    const ada = db.as({ role: ROLE, claims: { sub: 'ada' }, settings: { 'app.tenant': '7' } })
    expect(await ada.rows('app.posts')).toEqual([{ id: '1', owner: 'ada', title: 'mine' }])
    expect(
      await ada.sql`SELECT current_user AS name, current_setting('app.tenant') AS tenant`,
    ).toEqual([{ name: ROLE, tenant: '7' }])
    // As Supabase has it.
    await db.raw(`GRANT USAGE ON SCHEMA auth TO ${ROLE}`)
    const uid = `SELECT auth.uid(), current_setting('request.jwt.claims', true)::jsonb AS claims`
    expect(await ada.query(uid)).toEqual([{ uid: 'ada', claims: { sub: 'ada' } }])
    expect(await db.as({ role: ROLE }).query('SELECT auth.uid()')).toEqual([{ uid: null }])
    await expect(ada.insert('app.posts', { id: '3', owner: 'bea' })).rejects.toMatchObject({
      code: '42501',
    })
    await expect(ada.rows('users')).rejects.toMatchObject({ code: '42501' })
    expect(await ada.update('app.posts', { title: 'changed' }, { id: ['1', '2'] })).toBe(1)
    // Nothing of it stays with anybody else.
    expect(await db.sql`SELECT current_user AS name`).not.toEqual([{ name: ROLE }])
    expect(await db.rows('app.posts')).toHaveLength(2)
    await ada.close()
  })

  test('says who cannot be had, and is somebody else inside of a transaction or of another identity', async () => {
    await db.insertMany('app.posts', [{ id: '1', owner: 'ada' }])
    await expect(db.as({ role: 'nobody_such' }).rows('users')).rejects.toMatchObject({
      code: 'FAASJS_PG_IDENTITY_REFUSED',
      message: expect.stringMatching(
        /"nobody_such" does not exist \(SQLSTATE 22023\)\n +fix +create/,
      ),
    })
    const member = db.as({ role: ROLE, settings: { 'app.tenant': '7' } })
    const ada = member.as({ claims: { sub: 'ada' } })
    expect(await ada.count('app.posts')).toBe(1)
    expect(await member.as({ claims: { sub: 'bea' } }).count('app.posts')).toBe(0)
    expect(await ada.sql`SELECT current_setting('app.tenant') AS t`).toEqual([{ t: '7' }])
    // Claims that another identity had are not left to those who have none. PGlite has one session for all.
    const [found] = await db.sql`SELECT current_setting('request.jwt.claims', true) AS claims`
    expect(found).toEqual({ claims: engine === 'pglite' ? '' : null })
    await db.transaction(async (tx) => {
      await tx.insert('app.posts', { id: '2', owner: 'ada' })
      const bea = tx.as({ role: ROLE, claims: { sub: 'bea' } })
      await expect(bea.insert('app.posts', { id: '3', owner: 'ada' })).rejects.toThrow(/policy/)
      expect(await bea.count('app.posts')).toBe(0)
      expect(await tx.as({ role: ROLE, claims: { sub: 'ada' } }).count('app.posts')).toBe(2)
      expect(await tx.count('app.posts')).toBe(2)
      await expect(tx.transaction(async () => {})).rejects.toThrow(/cannot begin inside/)
    })
    const failed = ada.transaction(async (tx) => {
      await tx.update('app.posts', { title: 'x' }, { id: '1' })
      throw new Error('rolled back')
    })
    await expect(failed).rejects.toThrow('rolled back')
    expect(await db.one('app.posts', { id: '1' })).toMatchObject({ title: null })
  })

  test('finds the one row, or says how many there are', async () => {
    await db.insertMany('users', [{ name: 'Ada' }, { name: 'Ada' }, { name: 'Bea' }])
    expect(await db.one('users', { name: 'Bea' })).toMatchObject({ id: 3 })
    await expect(db.one('users', { name: 'Ada' })).rejects.toThrow(
      'FAASJS_PG_NOT_ONE_ROW  2 rows of "users" where one is expected',
    )
    await expect(db.one('users', sql`id = 9`)).rejects.toThrow(/no row of .*\n.*id = 9/)
    expect(await db.hasColumn('users', 'tags')).toBe(true)
    expect(await db.hasColumn('users', 'tag')).toBe(false)
  })

  test('loads files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faasjs-pg-load-'))
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text)
      return join(folder, name)
    }
    try {
      await db.raw('CREATE TABLE cards (id serial PRIMARY KEY, name text NOT NULL, note text)')
      const csv = '\uFEFFid,name,note\r\n7,"Ada ""A"", Countess",\r\n9,Bea,""\r\n'
      await db.load(await file('cards.csv', csv))
      expect(await db.rows('cards')).toEqual([
        { id: 7, name: 'Ada "A", Countess', note: null },
        { id: 9, name: 'Bea', note: '' },
      ])
      expect(await db.insert('cards', { name: 'next' })).toMatchObject({ id: 10 })
      await db.load(pathToFileURL(await file('more.json', '[{"id": 20, "name": "Cleo"}]')), 'cards')
      await db.load(
        await file(
          'all.json',
          '{"cards": [{"name": "Dora"}], "users": [{"name": "Eve", "tags": [1]}]}',
        ),
      )
      expect(await db.one('cards', { name: 'Dora' })).toMatchObject({ id: 21 })
      expect(await db.one('users', { name: 'Eve' })).toMatchObject({ tags: [1] })
      const failing = "INSERT INTO cards (name) VALUES ('lost');\n\nINSERT INTO cards VALUES (7);"
      await expect(db.load(await file('bad.sql', failing))).rejects.toMatchObject({
        code: 'FAASJS_PG_STATEMENT_FAILED',
        message: expect.stringMatching(/bad\.sql:3[^]*SQLSTATE 23/),
      })
      expect(await db.exists('cards', { name: 'lost' })).toBe(false)
      for (const [name, text, reason] of [
        ['a.json', '{"cards": 5}', 'holds no rows'],
        ['b.json', '{', 'is no JSON'],
        ['c.csv', 'id,name\n1', 'is no CSV'],
        ['d.csv', 'id\n"1" 2', 'is no CSV'],
        ['e.yaml', '', 'is of no known kind'],
      ] as const) {
        await expect(db.load(await file(name, text)), name).rejects.toThrow(reason)
      }
      await expect(db.load(join(folder, 'none.csv'))).rejects.toThrow('cannot be read')
    } finally {
      await db.raw('DROP TABLE IF EXISTS cards')
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('connects again after it was closed', async () => {
    await db.insert('users', { name: 'Ada' })
    await db.close()
    await db.close()
    expect(await db.count('users')).toBe(1)
  })
})
