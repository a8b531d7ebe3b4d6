import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, expect, onTestFinished, test, vi } from 'vitest'

import { installCommand } from '../../src/database/missing-peer.ts'

afterEach(() => vi.unstubAllEnvs())

/** A package of a workspace, with a lock file at its root. */
function workspace(lockFile: string | undefined): string {
  const root = mkdtempSync(join(tmpdir(), 'faasjs-pg-peer-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  if (lockFile !== undefined) writeFileSync(join(root, lockFile), '')
  mkdirSync(join(root, 'packages', 'app'), { recursive: true })
  return join(root, 'packages', 'app')
}

test.each([
  ['package-lock.json', 'npm install --save-dev pg-mem'],
  ['pnpm-lock.yaml', 'pnpm add --save-dev pg-mem'],
  ['yarn.lock', 'yarn add --dev pg-mem'],
  ['bun.lock', 'bun add --dev pg-mem'],
  ['bun.lockb', 'bun add --dev pg-mem'],
])('%s: %s', (lockFile, command) => {
  // Whatever has started this process.
  vi.stubEnv('npm_config_user_agent', 'yarn/4.0.0 npm/? node/v20.19.0 linux x64')
  expect(installCommand('pg-mem', workspace(lockFile))).toBe(command)
})

test.each([
  ['pnpm/9.0.0 npm/? node/v20.19.0 linux x64', 'pnpm add --save-dev pg-mem'],
  ['npm/10.0.0 node/v20.19.0 linux x64', 'npm install --save-dev pg-mem'],
  ['other/1', 'npm install --save-dev pg-mem'],
  [undefined, 'npm install --save-dev pg-mem'],
])('without a lock file, started by %j: %s', (agent, command) => {
  vi.stubEnv('npm_config_user_agent', agent)
  expect(installCommand('pg-mem', workspace(undefined))).toBe(command)
})
