import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

import { beforeEach, expect, onTestFinished, test } from 'vitest'

import { installFixture } from './install-fixture.ts'
import { runVitest, type VitestRun } from './run-vitest.ts'

const FIRST = 'src/db/migrations/20260101000000000-create-things.ts'
const SECOND = 'src/db/migrations/20260102000000000-create-more.ts'

let folder = ''
let root = ''
let env: NodeJS.ProcessEnv = {}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faasjs-pg-cache-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  env = { FAASJS_PG_CACHE: folder }
  root = await installFixture('watch')
})

async function run(): Promise<VitestRun> {
  const result = await runVitest(root, [], env)
  expect(result.output).not.toContain('FAIL')
  expect(result).toMatchObject({ exitCode: 0, passed: 1 })
  return result
}

test('the second run migrates nothing, and a new migration runs alone', async () => {
  expect((await run()).log).toEqual(['migrated', 'tables things'])
  expect((await run()).log).toEqual(['tables things'])

  const source = await readFile(join(root, FIRST), 'utf8')
  await writeFile(join(root, SECOND), source.replace("'things'", "'more'"))
  expect((await run()).log).toEqual(['migrated', 'tables more things'])
  // The one that is worked on is the last one: what is before it was kept.
  await writeFile(join(root, SECOND), source.replace("'things'", "'others'"))
  expect((await run()).log).toEqual(['migrated', 'tables others things'])
  expect((await readdir(folder)).filter((name) => !name.endsWith('.snapshot'))).toEqual([])
})

test('E36 a damaged snapshot is built again', async () => {
  await run()
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const bytes = await readFile(path)
    await writeFile(path, bytes.fill(0, bytes.length >> 1))
  }
  expect((await run()).log).toEqual(['migrated', 'tables things'])
  expect((await run()).log).toEqual(['tables things'])
})

test('E9 two runs at a time in one checkout build once', async () => {
  const runs = await Promise.all([run(), run()])
  expect(runs.flatMap(({ log }) => log).toSorted()).toEqual([
    'migrated',
    'tables things',
    'tables things',
  ])
})

test('E36 without a folder that can be written every run migrates, and says so once', async () => {
  // A file where a folder should be: nobody can write below it, not even root.
  const file = join(folder, `faasjs-pg-${userInfo().uid}`)
  await writeFile(file, '')
  await cp(join(root, 'count.spec.ts'), join(root, 'again.spec.ts'))
  const result = await runVitest(root, ['--maxWorkers=2'], {
    FAASJS_PG_CACHE: join(file, 'project'),
    XDG_CACHE_HOME: join(file, 'machine'),
    TMPDIR: folder,
  })
  expect(result).toMatchObject({ exitCode: 0, passed: 2 })
  expect(result.log.filter((line) => line === 'migrated')).toHaveLength(1)
  expect(result.output.match(/cannot be kept on disk/g)).toHaveLength(1)
})

test('E36 a disk that is full is as good as none: the run goes on from memory, and says so once', async () => {
  // A snapshot is longer than any file may be; what is left of it would be in the way.
  const places = {
    XDG_CACHE_HOME: join(folder, 'machine'),
    TMPDIR: folder,
    FAASJS_PG_CACHE: folder,
  }
  const result = await runVitest(root, [], { ...places, FIXTURE_LARGEST_FILE: '2048' })
  expect(result).toMatchObject({ exitCode: 0, passed: 1 })
  expect(result.output.match(/cannot be kept on disk/g)).toHaveLength(1)
  const left = await readdir(folder, { recursive: true })
  expect(left.filter((name) => /\.(?:snapshot|tmp|lock)$/.test(name))).toEqual([])
})
