import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { ConfigError } from '../errors.ts'

type Manager = 'npm' | 'pnpm' | 'yarn' | 'bun'

const COMMANDS: Readonly<Record<Manager, string>> = {
  npm: 'npm install --save-dev',
  pnpm: 'pnpm add --save-dev',
  yarn: 'yarn add --dev',
  bun: 'bun add --dev',
}

const LOCK_FILES: readonly (readonly [file: string, manager: Manager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
]

/**
 * The error of an optional package that is not installed.
 *
 * @param name - Of the package.
 * @param what - What needs it.
 */
export function missingPeer(name: string, what: string, cause: unknown): ConfigError {
  const [why = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
  return new ConfigError('MISSING_PEER', { what, why, fix: installCommand(name), cause })
}

/** What installs a package with the package manager of the project, which is told by its lock file. */
export function installCommand(name: string, folder: string = process.cwd()): string {
  return `${COMMANDS[managerOf(folder) ?? managerInUse()]} ${name}`
}

/** That of the nearest lock file: in a workspace it is at the root. */
function managerOf(folder: string): Manager | undefined {
  for (const [file, manager] of LOCK_FILES) if (existsSync(join(folder, file))) return manager
  const parent = dirname(folder)
  return parent === folder ? undefined : managerOf(parent)
}

/** That which has started this process, as in `pnpm test`. */
function managerInUse(): Manager {
  const [, name] = /^(npm|pnpm|yarn|bun)\//.exec(process.env['npm_config_user_agent'] ?? '') ?? []
  return (name as Manager | undefined) ?? 'npm'
}
