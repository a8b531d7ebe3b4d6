import type * as PlainErrors from './plain-error.ts'
import type { PlainError } from './plain-error.ts'

/** How messages reach the other side. */
export interface Transport {
  send(message: unknown): void
}

/** What one side can be asked for. */
export type Handlers = Readonly<Record<string, (argument: never) => unknown>>

type Message =
  | {
      readonly kind: 'call'
      readonly id: number
      readonly name: string
      readonly argument: unknown
    }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainError }

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/**
 * Calls in both directions over one channel: `Remote` are the functions of the other side.
 *
 * The owner of the channel feeds `receive` and says when it `close`s.
 */
export class Rpc<Remote extends Handlers> {
  readonly #transport: Transport
  readonly #handlers: Handlers
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  #closed: Error | undefined

  constructor(transport: Transport, handlers: Handlers = {}) {
    this.#transport = transport
    this.#handlers = handlers
  }

  /** How many answers are awaited. */
  get pending(): number {
    return this.#pending.size
  }

  async call<Name extends keyof Remote & string>(
    name: Name,
    argument: Parameters<Remote[Name]>[0],
  ): Promise<Awaited<ReturnType<Remote[Name]>>> {
    if (this.#closed) throw this.#closed
    const id = ++this.#lastId
    return await new Promise((resolve, reject) => {
      const settle = resolve as (value: unknown) => void
      this.#pending.set(id, { resolve: settle, reject })
      this.#transport.send({ kind: 'call', id, name, argument } satisfies Message)
    })
  }

  receive(received: unknown): void {
    const message = received as Message
    if (message.kind === 'call') {
      void this.#answer(message)
      return
    }
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if (message.kind === 'result') pending?.resolve(message.value)
    else if (pending) refuse(pending, message.error)
  }

  /** It says that the channel has gone, and is no answer of the other side. */
  isEnd(error: unknown): boolean {
    return this.#closed !== undefined && error === this.#closed
  }

  /** The channel is gone: whoever waits for an answer gets this error. */
  close(reason: Error): void {
    this.#closed ??= reason
    for (const pending of this.#pending.values()) pending.reject(this.#closed)
    this.#pending.clear()
  }

  async #answer({ id, name, argument }: Message & { kind: 'call' }): Promise<void> {
    try {
      const handler = this.#handlers[name]
      if (!handler) throw new Error(`nothing answers to "${name}"`)
      this.#reply({ kind: 'result', id, value: await handler(argument as never) })
    } catch (error) {
      const { toPlainError } = await errorsAsData()
      this.#reply({ kind: 'error', id, error: toPlainError(error) })
    }
  }

  #reply(message: Message): void {
    if (!this.#closed) this.#transport.send(message)
  }
}

function refuse(pending: Pending, error: PlainError): void {
  errorsAsData().then(
    ({ fromPlainError }) => pending.reject(fromPlainError(error)),
    (failure: Error) => pending.reject(failure),
  )
}

/** Loaded with the first error: most test files see none. */
function errorsAsData(): Promise<typeof PlainErrors> {
  return import('./plain-error.ts')
}
