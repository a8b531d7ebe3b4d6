import { sqlStateOf } from '../../../database/engines/driver-error.ts'
import { type MatcherContext, misused, sentence, type Verdict } from './context.ts'

/** What PostgreSQL says of a row that a constraint does not let in. */
interface Violation {
  readonly sqlState: string
  readonly message: string
  /** Of the constraint; for NOT NULL, which has none, of the column. */
  readonly name: string | undefined
}

export async function toViolate(
  context: MatcherContext,
  received: unknown,
  constraint?: unknown,
): Promise<Verdict> {
  const outcome = await outcomeOf(received)
  const violation = 'error' in outcome ? violationOf(outcome.error) : undefined
  const pass =
    violation !== undefined && (constraint === undefined || isNamed(context, violation, constraint))
  return {
    pass,
    message: () => {
      const which =
        constraint === undefined ? 'a constraint' : context.utils.printExpected(constraint)
      const what = sentence(context, 'the statement', `to violate ${which}`)
      if (violation) {
        const { message, sqlState, name } = violation
        return `${what}\n\nIt violated ${context.utils.printReceived(name)}: ${message} (SQLSTATE ${sqlState})`
      }
      return 'error' in outcome
        ? `${what}\n\nIt failed otherwise: ${String(outcome.error)}`
        : `${what}, and it did not fail`
    },
  }
}

async function outcomeOf(
  received: unknown,
): Promise<{ readonly value: unknown } | { readonly error: unknown }> {
  const promise: unknown = typeof received === 'function' ? received() : received
  if (!isThenable(promise)) {
    const example = `await expect(db.insert('users', {})).toViolate('users_email_key')`
    throw misused('toViolate', 'is about a promise, or a function that returns one', example)
  }
  try {
    return { value: await promise }
  } catch (error) {
    return { error }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}

/** Drivers, and what is built upon them, say it in fields of different names, or as a cause. */
function violationOf(error: unknown): Violation | undefined {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 8; depth++) {
    const sqlState = sqlStateOf(cause)
    if (sqlState?.startsWith('23')) {
      const names = ['constraint', 'constraint_name', 'column', 'column_name']
      const name = names.map((key) => Reflect.get(cause as object, key) as unknown)
      return {
        sqlState,
        message: cause.message,
        name: name.find((value) => typeof value === 'string'),
      }
    }
    cause = cause.cause
  }
  return undefined
}

function isNamed(context: MatcherContext, { name }: Violation, wanted: unknown): boolean {
  if (wanted instanceof RegExp) return name !== undefined && wanted.test(name)
  return context.equals(name, wanted)
}
