import { describe, expect, test } from 'vitest'

import { ConfigError } from '../../src/errors.ts'
import { createTestDatabase } from '../../src/testing/create-test-database.ts'
import {
  assertHarmlessPreset,
  assertNoProduction,
  isForTests,
} from '../../src/testing/safety/assert-safe.ts'

type Verdict = 'fine' | 'external' | 'production'

/** What is said of a variable that is set, with its reason. */
function judge(env: Readonly<Record<string, string>>): Verdict {
  const isRefused = (allowExternal: boolean): boolean => {
    try {
      assertHarmlessPreset(env, { url: undefined, allowExternal })
      return false
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ code: 'FAASJS_PG_NOT_A_TEST_DATABASE' })
      expect((error as ConfigError).message).not.toContain('secret')
      return true
    }
  }
  if (!isRefused(false)) return 'fine'
  return isRefused(true) ? 'production' : 'external'
}

const urls: Readonly<Record<Verdict, readonly string[]>> = {
  fine: [
    '',
    'postgres://postgres@localhost/postgres',
    'postgres://me:secret@localhost:5432/shop_development',
    'postgresql://localhost/shop',
    'postgres:///shop',
    'postgres://',
    'postgres://127.0.0.1:5433/shop',
    'postgres://127.1.2.3/shop',
    'postgres://[::1]:5432/shop',
    'postgres://0.0.0.0/shop',
    'postgres://%2Fvar%2Frun%2Fpostgresql/shop',
    'postgres:///shop?host=/var/run/postgresql',
    'postgres://a@db:5432/app',
    'postgres://postgres:postgres@postgres/app',
    'postgres://host.docker.internal/app',
    'postgres://shop.localhost/app',
    'host=localhost dbname=shop password=secret',
    // Another machine, for tests.
    'postgres://me:secret@db.example.com/shop_test',
    'postgres://db.example.com/test_shop_2',
    'postgres://db.example.com/shopTest',
    'postgres://db.example.com/ci',
    'postgres://ci-db.example.com/shop',
    'postgres://e2e.db.example.com/shop',
    'postgres://db.example.com/shop-test1',
    'postgres://10.0.0.5/fpg_ab12_0123abcd_0',
    // Named like it, and something else.
    'postgres://localhost/products',
    'postgres://localhost/product_catalog',
    'postgres://productdb/shop',
    'postgres://localhost/producers',
    'postgres://localhost/reproducible',
    'postgres://localhost/render',
    'postgres://supabase/postgres',
    'pglite:./.data/dev',
    'pglite://memory',
    // Nothing that anybody could connect to.
    'nonsense',
    'mysql://db.example.com/shop',
  ],
  external: [
    'postgres://me:secret@db.example.com/shop',
    'postgres://10.0.0.5/shop',
    'postgres://192.168.1.4:5432/postgres',
    'postgres://staging.example.com/shop_staging',
    'postgres://[2001:db8::1]/shop',
    'postgres://ip-10-0-0-1.ec2.internal/shop',
    'postgres://db.default.svc.cluster.local/shop',
    'postgres://db.example.com/contest',
    'postgres://db.example.com/latest',
    'postgres://testing@db.example.com/shop',
    'postgres://localhost,db.example.com/shop',
    'postgres://localhost:5432,db.example.com:5432/shop',
    'postgres:///shop?host=db.example.com',
    'postgres://localhost/shop?hostaddr=10.0.0.5',
    'host=db.example.com dbname=shop',
    // Ends of host names are whole names.
    'postgres://myneon.tech/shop',
    'postgres://rds.amazonaws.com.example.com/shop',
  ],
  production: [
    'postgres://me:secret@shop.cxyz.eu-west-1.rds.amazonaws.com:5432/shop',
    'postgres://me@shop.cxyz.eu-west-1.rds.amazonaws.com/shop_test',
    'postgres://me@SHOP.RDS.AMAZONAWS.COM./shop',
    'postgres://ec2-1-2-3-4.compute-1.amazonaws.com/d1',
    'postgres://x.rds.cn-north-1.amazonaws.com.cn/shop',
    'postgres://ep-cool-name-123456-pooler.eu-central-1.aws.neon.tech/neondb',
    'postgres://postgres@db.abcdefgh.supabase.co:5432/postgres',
    'postgres://postgres.abc@aws-0-eu-central-1.pooler.supabase.com:6543/postgres',
    'postgres://me@dpg-abc-a.frankfurt-postgres.render.com/shop',
    'postgres://me@shop.postgres.database.azure.com/shop',
    'postgres:///shop?host=/cloudsql/project:region:instance',
    'postgres://%2Fcloudsql%2Fproject%3Aregion%3Ainstance/shop',
    'postgres://me@shop.db.ondigitalocean.com:25060/shop',
    'postgres://monorail.proxy.rlwy.net:1234/railway',
    'postgres://shop.fly.dev/shop',
    'postgres://shop-db.flycast:5432/shop',
    'postgres://pg-1.aivencloud.com/shop',
    'postgres://db.prisma.io:5432/postgres',
    // Named after it, wherever it is.
    'postgres://localhost/shop_production',
    'postgres://localhost/shopProd',
    'postgres://localhost/shopprod2',
    'postgres://prod-db/shop',
    'postgres://db.prod.example.com/shop_test',
    'postgres://db-prd-1.example.com/shop',
    'postgres://prod@localhost/shop',
    'postgres://localhost,db.prod.example.com/shop',
    'host=localhost dbname=production',
  ],
}

describe.each(Object.keys(urls) as Verdict[])('DATABASE_URL that is %s', (verdict) => {
  test.each(urls[verdict])('%j', (url) => {
    expect(judge({ DATABASE_URL: url })).toBe(verdict)
    // Given on purpose, any server will do that is not production.
    const give = (): void => assertNoProduction(url, {})
    if (verdict === 'production') expect(give).toThrow('the option "url" leads to what looks')
    else expect(give).not.toThrow()
  })
})

test.each<[Verdict, Readonly<Record<string, string>>]>([
  ['fine', {}],
  ['fine', { PGHOST: '', PGDATABASE: '' }],
  ['fine', { PGHOST: 'localhost', PGDATABASE: 'shop' }],
  ['fine', { PGDATABASE: 'shop' }],
  ['fine', { PGUSER: 'production' }],
  ['external', { PGHOST: 'db.example.com' }],
  ['external', { PGHOSTADDR: '10.0.0.5' }],
  ['production', { PGHOST: 'x.rds.amazonaws.com' }],
  ['production', { PGDATABASE: 'shop_prod' }],
  // The URL says less than they do.
  ['external', { DATABASE_URL: 'postgres:///shop', PGHOST: 'db.example.com' }],
  ['fine', { DATABASE_URL: 'postgres://localhost/shop', PGHOST: 'db.example.com' }],
])('variables that are %s: %j', (verdict, env) => {
  expect(judge(env)).toBe(verdict)
})

test('what the configuration of the tests sets is told from what is set', () => {
  const configured = { DATABASE_URL: 'postgres://db.example.com/shop' }
  const judged = (outer: Record<string, string>): void =>
    assertHarmlessPreset(outer, { url: undefined, allowExternal: false, configured })
  expect(() => judged({ DATABASE_URL: 'postgres://localhost/shop' })).toThrow(
    'leave DATABASE_URL out of test.env in the configuration of Vitest',
  )
})

test('what was given as url on purpose may be set as well', () => {
  const url = 'postgres://db.example.com/shop'
  expect(() =>
    assertHarmlessPreset({ DATABASE_URL: url }, { url, allowExternal: false }),
  ).not.toThrow()
})

test.each([
  ['postgres://localhost/shop', false],
  ['postgres://localhost/shop_test', true],
  ['postgres://db.prod.example.com/shop_test', false],
  ['postgres://localhost/fpg_ab12_0123abcd_0', true],
  ['pglite:./dev', true],
])('a test file may set DATABASE_URL to %s: %j', (url, expected) => {
  expect(isForTests(url)).toBe(expected)
})

test('the message says what leads there, why it matters, and what to do', () => {
  const preset = (url: string): void =>
    assertHarmlessPreset({ DATABASE_URL: url }, { url: undefined, allowExternal: false })
  expect(() => preset('postgres://me:secret@db.example.com/shop'))
    .toThrowErrorMatchingInlineSnapshot(`
    [ConfigError: FAASJS_PG_NOT_A_TEST_DATABASE  DATABASE_URL is set, and leads to the database "shop" on "db.example.com", which is not known to be for tests
      why  tests get a database of their own, but a global setup, or a project without the plugin, would use this one
      fix  unset it for the tests: DATABASE_URL= npx vitest
           or, if it may be there: PgVitestPlugin({ allowExternal: true })
      note known are servers of this machine, and names with "test", "ci", "e2e" or "integration" in them]
  `)
  expect(() => preset('postgres://me:secret@x.rds.amazonaws.com/shop'))
    .toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: FAASJS_PG_NOT_A_TEST_DATABASE  DATABASE_URL is set, and leads to the database "shop" on "x.rds.amazonaws.com", which looks like production
        why  "x.rds.amazonaws.com" is a server of Amazon Web Services; tests get a database of their own, but a global setup, or a project without the plugin, would use this one
        fix  unset it for the tests: DATABASE_URL= npx vitest
        note nothing was opened]
    `)
  expect(() => assertNoProduction('postgres://me:secret@localhost/shop_prod', {}))
    .toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: FAASJS_PG_NOT_A_TEST_DATABASE  the option "url" leads to what looks like production
        why  the database "shop_prod" is named after production
        fix  give the url of a server for tests: a container, or one of this machine. Without "url", there is one for the run
        note nothing was opened]
    `)
})

test('createTestDatabase() opens nothing of production', async () => {
  const url = 'postgres://me:secret@shop.eu-west-1.rds.amazonaws.com/postgres'
  await expect(createTestDatabase({ engine: 'postgres', url })).rejects.toMatchObject({
    code: 'FAASJS_PG_NOT_A_TEST_DATABASE',
  })
})
