import type { ServerPlace } from './server-place.ts'

/** Services that run PostgreSQL for others, by the ends of their host names. */
const SERVICES: readonly (readonly [name: string, ...ends: string[]])[] = [
  ['Amazon Web Services', 'amazonaws.com', 'amazonaws.com.cn', 'on.aws'],
  ['Neon', 'neon.tech', 'neon.build'],
  ['Supabase', 'supabase.co', 'supabase.com', 'supabase.net', 'supabase.red'],
  ['Render', 'render.com', 'onrender.com'],
  ['Azure', 'azure.com', 'azure.net', 'azure.cn', 'windows.net'],
  ['Google Cloud', 'sql.goog', 'alloydb.goog', 'cloud.goog', 'googleapis.com'],
  ['Heroku', 'heroku.com', 'herokuapp.com'],
  ['Vercel', 'vercel-storage.com'],
  ['Prisma', 'prisma.io', 'prisma-data.net'],
  ['Railway', 'railway.app', 'rlwy.net', 'railway.internal'],
  ['Fly.io', 'fly.dev', 'fly.io', 'flycast', 'fly.internal'],
  ['DigitalOcean', 'ondigitalocean.com'],
  ['Aiven', 'aivencloud.com'],
  ['Timescale', 'timescale.com', 'timescaledb.io'],
  ['Crunchy Bridge', 'crunchybridge.com', 'postgresbridge.com'],
  ['Cockroach Labs', 'cockroachlabs.cloud'],
  ['Yugabyte', 'yugabyte.cloud'],
  ['EDB', 'biganimal.io', 'enterprisedb.network'],
  ['ElephantSQL', 'elephantsql.com'],
  ['PlanetScale', 'psdb.cloud'],
  ['Xata', 'xata.sh', 'xata.io', 'xata.tech'],
  ['Nile', 'thenile.dev'],
  ['Tembo', 'tembo.io'],
  ['Koyeb', 'koyeb.app'],
  ['Northflank', 'northflank.app', 'northflank.com', 'code.run'],
  ['Clever Cloud', 'clever-cloud.com'],
  ['Scalingo', 'scalingo-dbs.com'],
  ['Scaleway', 'scw.cloud'],
  ['OVHcloud', 'cloud.ovh.net', 'cloud.ovh.us'],
  ['IBM Cloud', 'appdomain.cloud'],
  ['Oracle Cloud', 'oraclecloud.com'],
  ['Alibaba Cloud', 'aliyuncs.com'],
  ['Tencent Cloud', 'tencentcdb.com', 'myqcloud.com'],
  ['Huawei Cloud', 'myhuaweicloud.com'],
  ['Yandex Cloud', 'yandexcloud.net'],
]

// Folders in which a proxy to a service has its socket.
const SERVICE_SOCKETS = [
  ['Google Cloud', '/cloudsql/'],
  ['Google Cloud', '/alloydb/'],
] as const

const TEST_WORDS = /^(?:tests?|testing|ci|e2e|specs?|integration|vitest|jest)\d*$/
// `shopprod` as well, but no `product`.
const PRODUCTION_WORDS = /(?:^|[a-z])(?:prod|production|prd)\d*$|production/
const OWN_NAMES = /^fpgt?_/

/** What shows that a place is not for tests, whoever says so; undefined when nothing does. */
export function signOfProduction({ hosts, database, user }: ServerPlace): string | undefined {
  for (const host of hosts) {
    const service = serviceOf(host)
    if (service !== undefined) return `"${host}" is a server of ${service}`
  }
  const names = [
    ...hosts.map((host) => ['host', host] as const),
    ['database', database] as const,
    ['user', user] as const,
  ]
  for (const [kind, name] of names) {
    if (wordsOf(name).some((word) => PRODUCTION_WORDS.test(word))) {
      return `the ${kind} "${name}" is named after production`
    }
  }
  return undefined
}

/** Its database or host is named after tests, or it is one of this package. */
export function isNamedForTests({ hosts, database }: ServerPlace): boolean {
  if (OWN_NAMES.test(database)) return true
  return [...hosts, database].some((name) => wordsOf(name).some((word) => TEST_WORDS.test(word)))
}

/** All of its hosts are this machine, or names that no other network knows. */
export function isLocal({ hosts }: ServerPlace): boolean {
  return hosts.every(
    (host) =>
      host.startsWith('/') ||
      host.startsWith('@') ||
      /^127(?:\.\d+){3}$|^0\.0\.0\.0$|^::1?$|^::ffff:127(?:\.\d+){3}$/.test(host) ||
      // Of a container beside the tests, as in `docker compose`.
      /^[\w-]+$/.test(host) ||
      /\.localhost$|^(?:host|gateway)\.docker\.internal$|^host\.containers\.internal$/.test(host),
  )
}

function serviceOf(host: string): string | undefined {
  for (const [name, start] of SERVICE_SOCKETS) if (host.startsWith(start)) return name
  return SERVICES.find(([, ...ends]) =>
    ends.some((end) => host === end || host.endsWith(`.${end}`)),
  )?.[0]
}

/** `shopTest_2` is `shop`, `test` and `2`. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(Boolean)
}
