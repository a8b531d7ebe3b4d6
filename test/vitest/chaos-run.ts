import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeEach, expect, onTestFinished } from 'vitest'

import { installFixture } from './install-fixture.ts'
import { VitestProcess } from './vitest-process.ts'

/** An empty cluster takes seconds to make, and is no part of any of this. */
export const MACHINE_CACHE: string = join(tmpdir(), 'faasjs-pg-chaos-machine')

/** Runs of the fixture `chaos`, installed anew for each test, with a cache and a temporary folder of their own. */
export class Chaos {
  root = ''
  cache = ''
  temporary = ''
  #runs = 0

  environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      FAASJS_PG_CACHE: this.cache,
      XDG_CACHE_HOME: MACHINE_CACHE,
      TMPDIR: this.temporary,
      ...more,
    }
  }

  start(more: NodeJS.ProcessEnv = {}, args: readonly string[] = []): VitestProcess {
    const log = join(this.cache, `../log-${++this.#runs}`)
    const run = new VitestProcess(this.root, log, this.environment(more), args)
    onTestFinished(() => run.destroy())
    return run
  }
}

/** @param packages - That are installed besides what this package needs. */
export function useChaos(packages: readonly string[] = []): Chaos {
  const chaos = new Chaos()
  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fpg-chaos-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    chaos.cache = join(folder, 'cache')
    chaos.temporary = join(folder, 'tmp')
    await mkdir(chaos.temporary)
    chaos.root = await installFixture('chaos', packages)
  })
  return chaos
}

/** A test that is at work. */
export interface Worker {
  readonly name: string
  readonly pid: number
  readonly url: string
  readonly database: string
  /** The data directory of its server. */
  readonly folder: string
}

export const workers = (lines: readonly string[]): Worker[] =>
  lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Worker)

export const twoAtWork = (lines: readonly string[]): boolean => workers(lines).length >= 2

/** No socket listens there any more. */
export async function expectNobodyAt(url: string): Promise<void> {
  const { port } = new URL(url)
  const refused = await new Promise<string | undefined>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.destroy()
      resolve('connected')
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
  expect(refused).toBe('ECONNREFUSED')
}
