import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

/** Whether this machine has a `psql`: tests say what they expect in both cases. */
export const hasPsql: boolean = spawnSync('psql', ['--version']).status === 0

/** What psql prints, or `no psql`. */
export async function runPsql(url: string, args: readonly string[], input = ''): Promise<string> {
  if (!hasPsql) return 'no psql'
  const running = promisify(execFile)('psql', ['-X', url, ...args])
  running.child.stdin?.end(input)
  const { stdout } = await running
  return stdout.trim()
}
