import { expect, test } from 'vitest'

import { Random } from '../random-schema.ts'
import { describeOnEngines } from './on-engines.ts'
import { Player, readState, type Sent } from './script.ts'

// The same in every `npm test`; PROPERTY_RUNS looks elsewhere, and PROPERTY_SEED repeats a failure.
const { PROPERTY_RUNS, PROPERTY_SEED } = process.env
const RUNS = Number(PROPERTY_RUNS ?? 40)
const FIRST_SEED = Number(PROPERTY_SEED ?? (PROPERTY_RUNS ? Date.now() % 1_000_000 : 100_000))
const STEPS = 30
const timeout = 60_000 + RUNS * 2000

const STATEMENTS: readonly ((random: Random) => string)[] = [
  (random) => `insert into a (n) values (${random.below(6)})`,
  (random) => `insert into a (n) values (${random.below(9)}) on conflict do nothing returning n`,
  (random) => `insert into b (a_id) values (${random.below(9)})`,
  (random) => `insert into b (a_id) select max(id) from a where n < ${random.below(9)}`,
  // Whatever the order of the rows is: who comes first decides what is violated.
  (random) => `update a set n = n + ${random.below(3) * 100} where n < 50`,
  (random) => `delete from a where n = ${random.below(9)}`,
  (random) => `delete from b where id > ${random.below(3)}`,
  () => `select nextval('a_id_seq')`,
  () => 'select n from a order by n',
  () => 'select count(*) from b, log',
  () => 'select 1/0',
  () => 'selct',
  () => '',
  () => 'truncate b restart identity',
  (random) => `create table t_${random.below(2)} (n int)`,
  (random) => `drop table t_${random.below(2)}`,
  (random) => `set work_mem = '${random.below(5) + 1}MB'`,
  (random) => `set local work_mem = '${random.below(5) + 1}MB'`,
  (random) => `select set_config('app.x', '${random.below(5)}', ${random.below(2) > 0})`,
  () => 'show work_mem',
  () => `select current_setting('app.x', true)`,
  () => 'set constraints all immediate',
  () => 'set constraints all deferred',
  () => 'lock table log',
]
const CONTROLS: readonly ((random: Random) => string)[] = [
  () => 'begin',
  () => 'begin',
  () => 'BEGIN TRANSACTION READ WRITE',
  () => 'start transaction',
  () => 'commit',
  () => 'commit',
  () => 'end',
  () => 'rollback',
  () => 'abort work',
  () => 'commit and chain',
  () => 'rollback and chain',
  (random) => `savepoint s${random.below(2)}`,
  (random) => `release s${random.below(2)}`,
  (random) => `rollback to savepoint s${random.below(2)}`,
]

function statement(random: Random): string {
  const list = random.below(5) < 2 ? CONTROLS : STATEMENTS
  return random.pick(list)(random)
}

/** A text, or what is sent by the extended protocol; of several statements now and then. */
function randomSent(random: Random): Sent {
  const count = random.below(3) === 0 ? 1 + random.below(4) : 1
  const statements = Array.from({ length: count }, () => statement(random))
  // An empty one keeps back the warning of `SET LOCAL` after it, which is documented.
  if (random.below(2) === 0) return statements.filter((sql) => count === 1 || sql !== '')
  // What does not parse is refused as a whole, which is documented to be otherwise.
  return statements.filter((sql) => count === 1 || sql !== 'selct').join('; ')
}

describeOnEngines((pair) => {
  test(
    'whatever connections send by turns, they are told the same in one transaction',
    async () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
        const random = new Random(seed)
        await Promise.all([pair.plain.reset(), pair.inOne.reset()])
        const players = [
          new Player(pair.plain.parameters),
          new Player(pair.inOne.parameters),
        ] as const
        const told: [string[], string[]] = [[], []]
        const connections = 1 + random.below(3)
        let connection = 0
        for (let step = 0; step < STEPS; step++) {
          // There is one session: who is in a transaction is alone until its end.
          if (!told[0].at(-1)?.match(/Z:[TE]$/)) connection = random.below(connections)
          const sent = randomSent(random)
          for (const [index, player] of players.entries()) {
            // Settings are told when a server is ready for more, which it is more often between the parts of a text.
            told[index]?.push((await player.say(connection, sent)).replaceAll(/ S(?= )/g, ''))
          }
          // As far as it goes, to be seen whole.
          if (told[1].at(-1) === told[0].at(-1)) continue
          expect(told[1], `PROPERTY_SEED=${seed} PROPERTY_RUNS=1`).toEqual(told[0])
        }
        await Promise.all(players.map((player) => player.end()))
        expect(
          await readState(pair.inOne.parameters),
          `PROPERTY_SEED=${seed} PROPERTY_RUNS=1`,
        ).toEqual(await readState(pair.plain.parameters))
      }
    },
    timeout,
  )
})
