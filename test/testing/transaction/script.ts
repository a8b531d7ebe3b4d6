import { frontend, RawClient } from '../raw-client.ts'

/** A simple query, or statements sent by the extended protocol with one Sync at their end. */
export type Sent = string | readonly string[]

/** What connections send, one after the other: the number of the connection before each, 0 unless given. */
export type Script = readonly (Sent | readonly [number, Sent])[]

/** The tables that scripts use. */
export const SCRIPT_TABLES = `
  create table a (id serial primary key, n int not null unique);
  create table b (id serial primary key, a_id int references a deferrable initially deferred);
  create table log (word text);
  create function note() returns trigger language plpgsql as
    $$ begin insert into log values (tg_name); raise notice 'noted'; return null; end $$;
  create constraint trigger late after insert on a deferrable initially deferred
    for each row execute function note();
  insert into a (n) values (0);
  create role reader; grant select on a, b to reader;
`

/** Everything that a script can change. */
export const SCRIPT_STATE = [
  'select n from a order by id',
  'select id, a_id from b order by id',
  'select word from log',
  'select last_value, is_called from a_id_seq',
  `select relname from pg_class where relname like 't\\_%' order by 1`,
]

/** Where scripts are played. */
export interface Place {
  readonly port: number
  readonly user: string
  readonly database: string
}

/** Speaks for several connections to one place. */
export class Player {
  readonly #place: Place
  readonly #clients = new Map<number, RawClient>()

  constructor(place: Place) {
    this.#place = place
  }

  /** Sends something by a connection, and returns both, with what it was told. */
  async say(number: number, sent: Sent): Promise<string> {
    const { port, user, database } = this.#place
    const client = this.#clients.get(number) ?? (await RawClient.start(port, { user, database }))
    this.#clients.set(number, client)
    const told = await client.ask(...messagesOf(sent))
    return `${number} ${JSON.stringify(sent)}: ${told.join(' ')}`
  }

  async end(): Promise<void> {
    const clients = [...this.#clients.values()]
    for (const client of clients) client.send(frontend.terminate)
    await Promise.all(clients.map((client) => client.untilClosed()))
  }
}

/** Plays a script, and returns what each connection was told. */
export async function play(place: Place, script: Script): Promise<string[]> {
  const player = new Player(place)
  const told: string[] = []
  try {
    for (const step of script) {
      const isNumbered = typeof step[0] === 'number'
      const [number, sent] = isNumbered ? (step as [number, Sent]) : [0, step as Sent]
      told.push(await player.say(number, sent))
    }
    return told
  } finally {
    await player.end()
  }
}

/** What there is, for a new connection. */
export async function readState(place: Place): Promise<string[]> {
  return await play(
    place,
    SCRIPT_STATE.map((sql) => [9, sql] as const),
  )
}

function messagesOf(sent: Sent): Buffer[] {
  if (typeof sent === 'string') return [frontend.query(sent)]
  const statements = sent.flatMap((sql) => [
    frontend.parse('', sql),
    frontend.bind('', ''),
    frontend.describe('P', ''),
    frontend.execute(''),
  ])
  return [...statements, frontend.sync]
}
