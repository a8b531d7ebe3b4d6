// What gives the same in every run.
const ALLOWED: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...[
    Array,
    ArrayBuffer,
    BigInt,
    Boolean,
    Error,
    Map,
    Number,
    Object,
    Promise,
    RangeError,
    RegExp,
    Set,
    String,
    Symbol,
    TextDecoder,
    TextEncoder,
    TypeError,
    Uint8Array,
    decodeURIComponent,
    encodeURIComponent,
    isNaN,
    parseFloat,
    parseInt,
    structuredClone,
  ].map((value): [string, unknown] => [value.name, value]),
  ['Buffer', Buffer],
  ['Infinity', Infinity],
  ['JSON', JSON],
  ['NaN', NaN],
  ['undefined', undefined],
])

/** A function that was run on its own. */
export interface ClosedFunction {
  /** Its text, which says all that it does. */
  readonly text: string
  /**
   * Runs a copy that can reach nothing but its arguments and what is the same in every run.
   *
   * @throws what the function throws.
   */
  run(...args: readonly unknown[]): Promise<void>
  /** What it reached for in vain, which may have been caught; undefined when there was nothing. */
  readonly reached: string | undefined
}

/**
 * Copies a function out of everything around it: one that the copy can replace does nothing besides what it does
 * with its arguments, so that it need not run when that is known.
 *
 * @returns undefined for a function that has no text, or one that only means something where it stands.
 */
export function closedFunction(work: (...args: never[]) => unknown): ClosedFunction | undefined {
  const text = Function.prototype.toString.call(work)
  let reached: string | undefined
  const reach = (name: string): never => {
    reached ??= name
    throw new Error(`a seed that is kept cannot use "${name}"`)
  }
  const scope = new Proxy(
    {},
    {
      has: (_, name) => typeof name === 'string',
      get: (_, name) => {
        if (typeof name !== 'string') return undefined
        if (name === 'Date') return dateWithoutClock(reach)
        if (name === 'Math') return mathWithoutChance(reach)
        return ALLOWED.has(name) ? ALLOWED.get(name) : reach(name)
      },
      set: (_, name) => reach(String(name)),
    },
  )
  let copy: ((...args: unknown[]) => unknown) | undefined
  try {
    // `with` is what makes every name of the text one of the scope's.
    // oxlint-disable-next-line typescript/no-implied-eval -- the text is that of the caller's own function
    copy = new Function('scope', `with (scope) { return (${text}) }`)(scope) as typeof copy
  } catch {
    // A method, or a function of the engine.
    return undefined
  }
  return {
    text,
    async run(...args) {
      await copy?.apply(Object.freeze({}), [...args])
    },
    get reached() {
      return reached
    },
  }
}

function dateWithoutClock(reach: (name: string) => never): DateConstructor {
  return class extends Date {
    constructor(...args: [] | [number | string | Date]) {
      if (args.length === 0) reach('new Date()')
      super(...(args as [number]))
    }

    static override now(): number {
      return reach('Date.now')
    }
  } as DateConstructor
}

function mathWithoutChance(reach: (name: string) => never): Math {
  return Object.create(Math, { random: { get: () => reach('Math.random') } }) as Math
}
