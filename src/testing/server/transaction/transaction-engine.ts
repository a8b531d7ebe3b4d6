import { readyForQuery, type ServerError, type TransactionStatus } from '../backend-messages.ts'
import { type Engine, queryEngine } from '../engine.ts'
import { finalStatus, firstError, replies } from '../replies.ts'
import { raiseStatement } from '../unsupported.ts'
import type { Control, Part } from './control-statement.ts'
import { endsUnit, FLUSH, query, typeOf } from './frontend-messages.ts'
import { mayBeLocal } from './local-settings.ts'
import { changesSchema, PreparedTexts, type Step } from './prepared-texts.ts'
import { BEGIN, TestSavepoint } from './test-savepoint.ts'
import {
  ALREADY_IN_BLOCK,
  complete,
  explained,
  failure,
  inVain,
  NOT_IN_BLOCK,
  NOT_PREPARED,
  onlyInBlock,
} from './transaction-messages.ts'

const READ_ONLY = query('SET TRANSACTION READ ONLY')
/** ReadyForQuery, which is so long. */
const READY_LENGTH = 6
const IDLE = 0x49
const NOTHING = Buffer.alloc(0)

interface Outcome {
  /** Without ReadyForQuery. */
  readonly answer: Buffer
  readonly failed: boolean
}

/**
 * An engine whose clients all work in one transaction that is never committed: that of the test. Their own
 * transactions are what happens after a savepoint in it, and so is each statement outside of them. Clients are
 * told what a server would say.
 *
 * Until it is activated it passes everything on.
 */
export class TransactionEngine implements Engine {
  readonly isOneTransaction = true
  readonly #engine: Engine
  readonly #savepoint: TestSavepoint
  readonly #texts = new PreparedTexts()
  #isActive = false
  /** The test's transaction has begun. */
  #isOpen = false
  /** Part of it was committed by mistake. */
  #isLost = false
  /** What the client that has the session is in, as it sees it. */
  #status: TransactionStatus = 'I'
  /** The client's transaction was begun as one that only reads. */
  #isReadOnly = false
  /** Something has failed in a sequence: the rest of it is left out. */
  #skips = false
  /** Statements have been run in this sequence already. */
  #inSequence = false

  constructor(engine: Engine) {
    this.#engine = engine
    this.#savepoint = new TestSavepoint(engine)
  }

  /** What clients do belongs to a test. */
  get isActive(): boolean {
    return this.#isActive
  }

  /** What a test has done is more than can be rolled back. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** From now on what clients do belongs to a test, and can be taken back. */
  activate(): void {
    this.#isActive = true
  }

  /** From now on what clients do is done in earnest. What belongs to a test must have been taken back. */
  deactivate(): void {
    this.#isActive = this.#isLost = false
  }

  /** Takes back what was done since the last test. No client may be in a transaction. */
  async rollBack(): Promise<void> {
    if (this.#isOpen) await this.#end('ROLLBACK')
  }

  /**
   * The same, and begins anew: for the next test.
   *
   * @param sql - Run between the two.
   */
  async beginAgain(sql: string): Promise<void> {
    await this.#end(this.#isOpen ? `ROLLBACK;${sql};${BEGIN}` : `${sql};${BEGIN}`)
    this.#isOpen = true
    await this.#savepoint.noteBaseline()
  }

  /** Commits what was done, in earnest. No client may be in a transaction. */
  async commit(): Promise<void> {
    if (this.#isOpen) await this.#end('COMMIT')
    this.#savepoint.forgetBaseline()
  }

  cancel(): void {
    this.#engine.cancel?.()
  }

  async exec(messages: readonly Buffer[]): Promise<Buffer> {
    const steps = messages.map((one) => this.#texts.note(one))
    if (!this.#isActive) return await this.#engine.exec(messages)
    if (!this.#isOpen) {
      await this.#savepoint.begin()
      this.#isOpen = true
    }
    const parts = steps.map((step) => step?.parts)
    const [text] = parts
    const isSync = messages.some(endsUnit)
    let answer: Buffer
    if (parts.every((part) => part === undefined)) {
      for (const step of steps) if (this.#isForeseen(step)) await this.#foresee(step)
      answer = await this.#run(messages, isSync)
    } else if (text && typeOf(messages[0]) === 'Q') answer = await this.#runText(text)
    else answer = await this.#runSequence(messages, steps)
    this.#inSequence = !isSync
    return answer
  }

  async #end(sql: string): Promise<void> {
    this.#isOpen = this.#skips = this.#inSequence = false
    this.#status = 'I'
    this.#savepoint.end()
    await queryEngine(this.#engine, sql)
  }

  /** Something of what is about to be run will have to be put right at its end. */
  #isForeseen<T extends Pick<Step, 'sql'>>(step: T | undefined): step is T {
    if (!step || this.#status === 'E' || this.#skips) return false
    return changesSchema(step.sql) || !this.#savepoint.isPlain || mayBeLocal(step.sql)
  }

  async #foresee(step: Pick<Step, 'sql' | 'values'>): Promise<void> {
    if (changesSchema(step.sql)) this.#savepoint.forgetSchema()
    await this.#savepoint.noteSettings(step)
  }

  /** Runs messages without statements that have to do with transactions. */
  async #run(messages: readonly Buffer[], isSync: boolean): Promise<Buffer> {
    const kept = this.#skips ? messages.filter((one) => typeOf(one) === 'S') : messages
    if (!isSync) {
      const answer = await this.#engine.exec(kept)
      this.#skips ||= firstError(answer) !== undefined
      return this.#status === 'I' ? explained(answer) : answer
    }
    this.#skips = false
    if (this.#status !== 'I') {
      const answer = await this.#engine.exec(kept)
      this.#status = finalStatus(answer) ?? this.#status
      return answer
    }
    return await this.#runAndMove(kept)
  }

  /** Runs what a client commits by itself. */
  async #runAndMove(messages: readonly Buffer[]): Promise<Buffer> {
    const move = this.#savepoint.knownMove
    const answer = await this.#engine.exec(move ? [...messages, move.message] : messages)
    if (!finalStatus(answer)) return answer
    if (move && this.#savepoint.isPlain) {
      const end = answer.length - move.answer.length
      const own = answer.subarray(0, Math.max(end, 0))
      if (finalStatus(own) === 'T' && answer.subarray(end).equals(move.answer)) {
        // Nobody else has these bytes.
        own[end - 1] = IDLE
        return own
      }
    }
    const [own, rest] = splitAtReady(answer)
    const body = own.subarray(0, -READY_LENGTH)
    if (finalStatus(own) === 'I') {
      // Something has ended it that does not look like it.
      this.#isOpen = false
      this.#isLost = true
      return own
    }
    if (finalStatus(own) === 'E') {
      await this.#savepoint.goBack()
      return Buffer.concat([explained(body), readyForQuery('I')])
    }
    const { error, notices, statuses } = await (move
      ? this.#savepoint.settle(rest)
      : this.#savepoint.moveOn())
    // Of a simple query PostgreSQL says that it is complete when it is committed.
    const [said, last] = typeOf(messages[0]) === 'Q' ? splitAtLast(body, 'C') : [body, NOTHING]
    return Buffer.concat([said, notices, error ?? last, statuses, readyForQuery('I')])
  }

  /** Runs a text with statements in it that have to do with transactions. */
  async #runText(parts: readonly Part[]): Promise<Buffer> {
    const answers: Buffer[] = []
    let failed = false
    for (const { sql, control } of parts) {
      const step = { sql, values: [] }
      if (this.#isForeseen(step)) await this.#foresee(step)
      const outcome = control
        ? await this.#control(control, sql, parts.length === 1)
        : await this.#native(sql)
      answers.push(this.#status === 'I' ? explained(outcome.answer) : outcome.answer)
      failed = outcome.failed
      if (failed) break
    }
    if (failed && this.#status === 'T') this.#status = 'E'
    if (failed && this.#status === 'I') await this.#savepoint.goBack()
    if (!failed && this.#status === 'I') {
      const { error, notices, statuses } = await this.#savepoint.moveOn()
      const [said, last] = splitAtLast(answers.pop() ?? NOTHING, 'C')
      answers.push(said, notices, error ?? last, statuses)
    }
    return Buffer.concat([...answers, readyForQuery(this.#status)])
  }

  /** Runs messages of the extended protocol with such statements among them. */
  async #runSequence(
    messages: readonly Buffer[],
    steps: readonly (Step | undefined)[],
  ): Promise<Buffer> {
    const answers: Buffer[] = []
    let batch: Buffer[] = []
    const send = async (): Promise<void> => {
      if (batch.length > 0) answers.push(await this.#run([...batch, FLUSH], false))
      batch = []
    }
    for (const [index, one] of messages.entries()) {
      const step = steps[index]
      const [part] = step?.parts ?? []
      if (this.#isForeseen(step)) {
        await send()
        await this.#foresee(step)
      }
      const isFirst = !this.#inSequence
      this.#inSequence ||= typeOf(one) === 'E'
      if (typeOf(one) === 'S') {
        await send()
        answers.push(await this.#run([one], true))
      } else if (part?.control) {
        await send()
        if (this.#skips) continue
        const { answer, failed } = await this.#control(part.control, part.sql, isFirst)
        answers.push(answer)
        this.#skips = failed
        // What comes after it is the first of the next one.
        if (/^(?:commit|rollback)$/.test(part.control.kind)) this.#inSequence = false
      } else if (!this.#skips) batch.push(one)
    }
    await send()
    return Buffer.concat(answers)
  }

  async #control(control: Control, sql: string, isSingle: boolean): Promise<Outcome> {
    const isOutside = this.#status === 'I'
    if (this.#status === 'E' && !endsFailure(control)) return await this.#native(sql)
    if (control.kind === 'commit' || control.kind === 'rollback') {
      return await this.#endBlock(control.kind, control.chain)
    }
    if (control.kind === 'begin' || control.kind === 'characteristics') {
      const isBegin = control.kind === 'begin'
      if (control.isReadOnly && (isBegin || !isOutside)) await this.#makeReadOnly()
      if (!isBegin) return done(isOutside && isSingle ? [inVain('SET TRANSACTION')] : [], 'SET')
      this.#status = 'T'
      return done(isOutside ? [] : [ALREADY_IN_BLOCK], control.tag)
    }
    if (control.kind === 'prepare') return await this.#fail(NOT_PREPARED)
    const isVain = control.kind === 'vain'
    if (isOutside && !isVain && (control.kind === 'savepoint' || isSingle)) {
      return await this.#fail(onlyInBlock(control.name))
    }
    const outcome = await this.#native(sql)
    if (isVain && isOutside && isSingle && !outcome.failed) {
      return { ...outcome, answer: Buffer.concat([inVain(control.name), outcome.answer]) }
    }
    if (control.kind === 'savepoint' && control.isReturn && !outcome.failed) this.#status = 'T'
    return outcome
  }

  /** `COMMIT` and `ROLLBACK` of a client. */
  async #endBlock(kind: 'commit' | 'rollback', chain: boolean): Promise<Outcome> {
    const status = this.#status
    if (status === 'I' && chain) {
      return await this.#fail(onlyInBlock(`${kind.toUpperCase()} AND CHAIN`))
    }
    const notices = status === 'I' ? [NOT_IN_BLOCK] : []
    this.#status = 'I'
    // Of one that has failed PostgreSQL does not know any more what it was.
    if (status === 'E') this.#isReadOnly = false
    if (status === 'E') this.#isReadOnly = false
    if (kind === 'rollback' || status === 'E') {
      await this.#savepoint.goBack()
      await this.#endOrChain(chain)
      return done(notices, 'ROLLBACK')
    }
    const { error, notices: late, statuses } = await this.#savepoint.moveOn()
    if (error) {
      await this.#endOrChain(false)
      return { answer: Buffer.concat([...notices, late, error]), failed: true }
    }
    await this.#endOrChain(chain)
    return done([...notices, late], 'COMMIT', statuses)
  }

  /** With a chain, the next transaction has begun, and is as the one before. */
  async #endOrChain(chain: boolean): Promise<void> {
    this.#status = chain ? 'T' : 'I'
    if (chain && this.#isReadOnly) await this.#makeReadOnly()
    else this.#isReadOnly = false
  }

  async #makeReadOnly(): Promise<void> {
    this.#isReadOnly = true
    await this.#engine.exec([READ_ONLY])
  }

  /** Says that something failed, and has the engine fail as well. */
  async #fail(error: ServerError): Promise<Outcome> {
    const answer = await this.#engine.exec([query(raiseStatement(error))])
    if (this.#status !== 'I') this.#status = finalStatus(answer) ?? 'E'
    return { answer: failure(error), failed: true }
  }

  /** Runs one part of a text. */
  async #native(sql: string): Promise<Outcome> {
    const answer = await this.#engine.exec([query(sql)])
    return { answer: answer.subarray(0, -READY_LENGTH), failed: finalStatus(answer) !== 'T' }
  }
}

function done(notices: readonly Buffer[], tag: string, statuses: Buffer = NOTHING): Outcome {
  return { answer: Buffer.concat([...notices, complete(tag), statuses]), failed: false }
}

/** What may be run in a transaction that has failed. */
function endsFailure(control: Control): boolean {
  const { kind } = control
  return kind === 'commit' || kind === 'rollback' || (kind === 'savepoint' && control.isReturn)
}

/** An answer up to its first ReadyForQuery, that included, and what follows. */
function splitAtReady(answer: Buffer): [own: Buffer, rest: Buffer] {
  for (const { type, end } of replies(answer)) {
    if (type === 'Z') return [answer.subarray(0, end), answer.subarray(end)]
  }
  return [answer, Buffer.alloc(0)]
}

/** An answer cut before the last message of a type, which is to be its end. */
function splitAtLast(answer: Buffer, type: string): [said: Buffer, last: Buffer] {
  const last = [...replies(answer)].findLast((reply) => reply.type === type)
  return last ? [answer.subarray(0, last.start), answer.subarray(last.start)] : [answer, NOTHING]
}
