import { relative, isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'

import { BuilderError } from '../errors.ts'
import type { Operation } from '../operations/operation.ts'
import type { LookUp } from './look-up.ts'

/** An operation and the place where it was recorded. */
export interface RecordedOperation {
  readonly operation: Operation
  /** Its stack is read only when something fails: capturing is cheap, formatting is not. */
  readonly trace: Error | undefined
}

/**
 * Every recorded operation passes through here. The test suite runs once more with a JSON round trip
 * in place of this identity, which proves that operations are plain data.
 */
export const recording: { transform: (operation: Operation) => Operation } = {
  transform: (operation) => operation,
}

export function record(operation: Operation, trace: Error | undefined): RecordedOperation {
  return { operation: recording.transform(operation), trace }
}

const FRAMES = 20

/** Remembers who called the builder. */
export function captureTrace(): Error {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = FRAMES
  const trace = new Error('recorded here')
  Error.stackTraceLimit = limit
  return trace
}

/**
 * Looks at a call when its callback has ended. What is wrong with it points to the call, not to the end
 * of the callback.
 */
export function blame<T>(trace: Error, look: () => T): T {
  try {
    return look()
  } catch (error) {
    if (error instanceof BuilderError) {
      const frames = trace.stack?.split('\n').slice(1) ?? []
      error.stack = [String(error), ...frames].join('\n')
    }
    throw error
  }
}

/** This package's own folder, `src` or `dist`: frames in it are not where the user stands. */
const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url))
const OWN_MIGRATIONS = `${PACKAGE_ROOT}db`

/** `path/to/file.ts:5`, relative to the working directory, of the user's call; source maps count. */
export function sourceLine(trace: Error | undefined): string | undefined {
  for (const line of trace?.stack?.split('\n').slice(1) ?? []) {
    const match = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(
      line.trim(),
    )
    if (!match?.[1]) continue
    const path = match[1].startsWith('file://')
      ? fileURLToPath(match[1].replace(/\?.*$/, ''))
      : match[1].replace(/\?.*$/, '')
    if (path.startsWith(PACKAGE_ROOT) && !path.startsWith(OWN_MIGRATIONS)) continue
    const short = relative(process.cwd(), path)
    return `${short.startsWith('..') || isAbsolute(short) ? path : short}:${match[2]}`
  }
  return undefined
}

interface BuilderState {
  queue: RecordedOperation[]
  sealedBy: string | undefined
  lookUp: LookUp | undefined
}

// Kept outside the class, so that the public builder shows only what its users need.
const states = new WeakMap<object, BuilderState>()

/** Gives a new builder its queue. */
export function openQueue(builder: object): void {
  states.set(builder, { queue: [], sealedBy: undefined, lookUp: undefined })
}

/** Gives an object that stands for a builder the queue of that builder. */
export function shareQueue(standIn: object, builder: object): void {
  const state = states.get(builder)
  if (state) states.set(standIn, state)
}

export function queuedOperations(builder: object): readonly RecordedOperation[] {
  return states.get(builder)?.queue ?? []
}

/**
 * Adds operations to a builder's queue.
 *
 * @throws {BuilderError} `ASYNC_BUILDER` when the builder's time is over.
 */
export function enqueue(builder: object, recorded: readonly RecordedOperation[]): void {
  assertOpen(builder)
  states.get(builder)?.queue.push(...recorded)
}

export function assertOpen(builder: object): void {
  const owner = states.get(builder)?.sealedBy
  if (owner === undefined) return
  throw new BuilderError('ASYNC_BUILDER', {
    what: `the builder of ${owner} was used after it had settled`,
    why: 'a promise was not awaited, so this call comes too late to be part of it',
    fix: 'make the function async and await everything that uses the builder',
  })
}

/** Takes all operations out of a builder's queue. */
export function takeRecorded(builder: object): RecordedOperation[] {
  const state = states.get(builder)
  if (!state) return []
  const { queue } = state
  state.queue = []
  return queue
}

/** From now on every call on the builder throws. `owner` names whose builder it was. */
export function sealBuilder(builder: object, owner: string): void {
  const state = states.get(builder)
  if (state) state.sealedBy = owner
}

/** Lets a builder without a target of its own look into the database of its migration. */
export function setLookUp(builder: object, lookUp: LookUp): void {
  const state = states.get(builder)
  if (state) state.lookUp = lookUp
}

export function givenLookUp(builder: object): LookUp | undefined {
  return states.get(builder)?.lookUp
}
