import { ServerBaseline } from '../baseline/server-baseline.ts'
import { Connection } from './connection.ts'
import type { ServerRun } from './server-run.ts'

export interface CloneToKeep {
  readonly run: ServerRun
  /** The database that its tests begin with. */
  readonly template: string
  readonly rows: ServerBaseline
  /** To the database of the slot. */
  readonly connection: Connection
  /** Of a database of its server. */
  readonly url: (database: string) => string
}

/**
 * Makes a database like that of a slot, for somebody who wants to see it later. Sessions go on as if nothing had
 * been, as the next tests need them: a server copies no database that somebody is connected to.
 *
 * @returns false when the schema is another than the template's. Then sessions end at the next reset anyway, and
 *   the database itself can be kept.
 */
export async function keepRows(
  { run, template, rows, connection, url }: CloneToKeep,
  kept: string,
): Promise<boolean> {
  await run.databases.clone(template, kept)
  const other = new Connection({ url: url(kept) })
  try {
    const isCopied = await connection.transaction((here) =>
      other.transaction((there) => rows.copyInto(here, there)),
    )
    if (!isCopied) {
      await other.close()
      await run.databases.drop(kept)
      return false
    }
    await new ServerBaseline(other).forget()
    await run.databases.noteUse(kept)
    return true
  } catch (error) {
    await other.close()
    await run.databases.drop(kept).catch(() => {})
    throw error
  } finally {
    await other.close()
  }
}

/** Keeps the database itself, under another name. Everybody who is connected is thrown out. */
export async function keepWhole(
  { run, url }: Pick<CloneToKeep, 'run' | 'url'>,
  name: string,
  kept: string,
): Promise<void> {
  await run.databases.rename(name, kept)
  const connection = new Connection({ url: url(kept) })
  try {
    await new ServerBaseline(connection).forget()
  } finally {
    await connection.close()
  }
}
