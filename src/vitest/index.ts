export { PgVitestPlugin, type PgVitestOptions, type VitestPlugin } from './plugin.ts'
