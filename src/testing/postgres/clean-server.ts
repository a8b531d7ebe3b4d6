import { ServerRun } from './server-run.ts'
import { withDatabase } from './server-url.ts'

/**
 * Drops what tests have left on a server, the templates of migrations included, unless a run needs them.
 *
 * @param left - Is told what stays.
 * @returns the names of what was dropped.
 */
export async function cleanServer(url: string, left: string[]): Promise<readonly string[]> {
  let run: ServerRun
  try {
    run = await ServerRun.open(withDatabase(url, 'postgres'))
  } catch (error) {
    left.push(`what is on the server: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
  try {
    if (!(await run.isAlone())) {
      left.push('templates of migrations on the server: other runs go on there')
      return run.swept
    }
    return [...run.swept, ...(await run.templates.dropAll())]
  } finally {
    await run.close()
  }
}
