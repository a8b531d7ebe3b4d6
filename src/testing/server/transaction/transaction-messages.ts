import { cstring, errorResponse, message, type ServerError } from '../backend-messages.ts'
import { errorFields, replies } from '../replies.ts'

const HINT =
  "Call pgTest({ reset: 'auto' }) at the top of this test file, or choose another mode for all files."

/** What cannot be done inside of a transaction, by its SQLSTATE. */
const IMPOSSIBLE = new Set([
  // active_sql_transaction: VACUUM, CREATE DATABASE, CREATE INDEX CONCURRENTLY
  '25001',
  // invalid_transaction_termination: COMMIT in a procedure
  '2D000',
  // unsafe_new_enum_value_usage
  '55P04',
])

/** The answer with a word about the test's transaction in errors that are owed to it. */
export function explained(answer: Buffer): Buffer {
  let isChanged = false
  const parts = [...replies(answer)].map((reply) => {
    const bytes = answer.subarray(reply.start, reply.end)
    if (reply.type !== 'E') return bytes
    const fields = errorFields(answer, reply)
    if (!IMPOSSIBLE.has(fields.get('C') ?? '')) return bytes
    isChanged = true
    const text = `${fields.get('M')}: reset: 'transaction' runs each test in one. ${HINT}`
    fields.set('M', text)
    return message('E', ...[...fields].flatMap(([key, value]) => [key, cstring(value)]), '\0')
  })
  return isChanged ? Buffer.concat(parts) : answer
}

/** Two-phase commit would end the test's own transaction. */
export const NOT_PREPARED: ServerError = {
  severity: 'ERROR',
  code: '0A000',
  message: `PREPARE TRANSACTION is not possible: reset: 'transaction' runs each test in one. ${HINT}`,
}

/** As PostgreSQL says it of a statement that needs a transaction around it. */
export function onlyInBlock(name: string): ServerError {
  return {
    severity: 'ERROR',
    code: '25P01',
    message: `${name} can only be used in transaction blocks`,
  }
}

export const ALREADY_IN_BLOCK: Buffer = warning(
  '25001',
  'there is already a transaction in progress',
)
export const NOT_IN_BLOCK: Buffer = warning('25P01', 'there is no transaction in progress')

/** As PostgreSQL says it of a statement that does nothing without a transaction around it. */
export function inVain(name: string): Buffer {
  return warning('25P01', `${name} can only be used in transaction blocks`)
}

/** A statement is done. */
export function complete(tag: string): Buffer {
  return message('C', cstring(tag))
}

export function failure(error: ServerError): Buffer {
  return errorResponse(error)
}

function warning(code: string, text: string): Buffer {
  const fields = [
    ['S', 'WARNING'],
    ['V', 'WARNING'],
    ['C', code],
    ['M', text],
  ]
  return message('N', ...fields.flatMap(([key = '', value = '']) => [key, cstring(value)]), '\0')
}
