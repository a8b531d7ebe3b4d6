import { expect, test } from 'vitest'

import { identifier } from '../../src/sql/identifier.ts'
import { useEngines } from '../helpers/check-sql.ts'
import { checkProperty } from './check-property.ts'
import type { Change } from './world.ts'

const engines = useEngines()

const good: Change = (builder, _world, { name }) => void builder.createSequence(name)

async function report(bad: Change): Promise<string> {
  const [database] = engines.all()
  if (!database) throw new Error('no database')
  const failure = await checkProperty(database, {
    changes: [good, bad],
    transactions: ['one', 'each'],
    numRuns: 200,
    replay: 'some.test.ts',
  }).catch((error: unknown) => error)
  if (!(failure instanceof Error)) throw new TypeError('it did not fail')
  return failure.message
    .replace(/case \d+ of/, 'case N of')
    .replace(/smaller \d+ times/, 'smaller N times')
    .replace(/SEED=\d+ PROPERTY_PATH=[\d:]+/, 'SEED=S PROPERTY_PATH=P')
}

test('a case that leaves something behind is made small, and says what', async () => {
  const said = await report(
    (builder, _world, { name }) =>
      void builder.raw(`CREATE TABLE ${identifier(name)} ("it's" integer)`, `SELECT 1`),
  )
  expect(said).toMatchInlineSnapshot(`
    "case N of 200 fails (made smaller N times)

    undone, the catalog is not what it was
      + columns ["n0", "it's", "integer", false, null, "-", "", "", "p", "", 0, null, null, null]
      + relations ["public", "n0", "r", "p", "postgres", "heap", null, null, "0", false, false, "d", null, null, null, true, ["postgres=arwdDxtm/postgres"]]
      + types ["n0", "c", "postgres", ["=U/postgres", "postgres=U/postgres"], null, false, null, "-", null]

    older (there already, and not remembered): none

    operations:
      1  run SQL: CREATE TABLE "n0" ("it's" integer)
         CREATE TABLE "n0" ("it's" integer)

    inverse:
      1  run SQL: SELECT 1
         SELECT 1

    all of them in one transaction

    to see it again:
      PROPERTY_SEED=S PROPERTY_PATH=P npx vitest run --project main some.test.ts"
  `)
})

test('a case that cannot be undone says where', async () => {
  const said = await report(
    (builder, _world, { name }) =>
      void builder.raw(
        `CREATE TABLE ${identifier(name)} ()`,
        `DROP TABLE ${identifier(name)}, ${identifier(`${name}_other`)}`,
      ),
  )
  expect(said).toMatchInlineSnapshot(`
    "case N of 200 fails (made smaller N times)

    number 1 of "inverse" fails: table "n0_other" does not exist

    older (there already, and not remembered): none

    operations:
      1  run SQL: CREATE TABLE "n0" ()
         CREATE TABLE "n0" ()

    inverse:
      1  run SQL: DROP TABLE "n0", "n0_other"
         DROP TABLE "n0", "n0_other"

    all of them in one transaction

    to see it again:
      PROPERTY_SEED=S PROPERTY_PATH=P npx vitest run --project main some.test.ts"
  `)
})

test('a case that cannot even be recorded says why', async () => {
  const said = await report((builder) => void builder.createSequence(''))
  expect(said).toMatchInlineSnapshot(`
    "case N of 200 fails (made smaller N times)

    FAASJS_PG_BAD_IDENTIFIER  a name must be a non-empty string, got ""
      fix  pass the name of a table, column, index or constraint

    to see it again:
      PROPERTY_SEED=S PROPERTY_PATH=P npx vitest run --project main some.test.ts"
  `)
})
