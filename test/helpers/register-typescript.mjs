// `node --import ./test/helpers/register-typescript.mjs file.ts` runs TypeScript on Node 20, so that
// tests can start processes that load src/ without a build.
import { register } from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
