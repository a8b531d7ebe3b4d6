import { expect, inject, test } from 'vitest'

import { runChild, sourceUrl } from '../helpers/run-child.ts'

test('a process that only closes a database waits until that is done', async () => {
  const child = runChild(`
    import { openDatabase } from ${JSON.stringify(sourceUrl('database/open.ts'))}
    const database = await openDatabase(${JSON.stringify(inject('postgresAdminUrl'))})
    await database.query('SELECT 1')
    await database.close()
    console.log('closed')`)
  expect(await child.line()).toBe('closed')
  expect(await child.ended()).toMatchObject({ code: 0, stderr: '' })
})
