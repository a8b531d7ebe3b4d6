import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { PGlite, type Extensions } from '@electric-sql/pglite'

import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import { publishOnce } from './postgres-binaries.ts'

/** Opens an empty PGlite. `initdb`, which takes seconds, runs once on a machine. */
export async function emptyPGlite(extensions: Extensions = {}): Promise<PGlite> {
  const { version } = JSON.parse(
    await readFile('node_modules/@electric-sql/pglite/package.json', 'utf8'),
  ) as { version: string }
  const folder = await publishOnce(`pglite-${version}`, async (made) => {
    await mkdir(made, { recursive: true })
    const pglite = await PGlite.create({ initDbStartParams: ['--wal-segsize=1'] })
    const dump = await pglite.dumpDataDir('none')
    await pglite.close()
    await writeFile(join(made, 'data.tar'), Buffer.from(await dump.arrayBuffer()))
  })
  const data = await readFile(join(folder, 'data.tar'))
  return PGlite.create({
    loadDataDir: new Blob([data]),
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=2MB'],
    extensions,
  })
}

/** The same as a database; closing it closes the PGlite. */
export async function emptyPGliteDatabase(extensions?: Extensions): Promise<Database> {
  const pglite = await emptyPGlite(extensions)
  const database = await openDatabase(pglite)
  const close = database.close.bind(database)
  database.close = async () => {
    await close()
    await pglite.close()
  }
  return database
}
