import { literal } from '../../sql/literal.ts'

const PROTOCOL_MAJOR = 3
const REQUESTS = new Map<number, 'cancel' | 'encryption' | 'control'>([
  [80877102, 'cancel'],
  [80877103, 'encryption'],
  [80877104, 'encryption'],
  // Not PostgreSQL's: a test worker of this package that wants resets, not queries.
  [80878424, 'control'],
])

/** What a test worker sends instead of a startup packet to get the control channel. */
export const CONTROL_REQUEST: Buffer = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x1b, 0x58])

/** The first packet of a client. */
export type Startup =
  | { readonly kind: 'encryption' | 'control' }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secret: number }
  | { readonly kind: 'unsupported'; readonly version: string }
  | {
      readonly kind: 'session'
      /** The client asked for a minor version above 3.0. */
      readonly newer: boolean
      readonly parameters: ReadonlyMap<string, string>
    }

/** Reads a startup packet (without its length). */
export function parseStartup(packet: Buffer): Startup {
  const code = packet.readInt32BE(0)
  const request = REQUESTS.get(code)
  if (request === 'cancel') {
    if (packet.length < 12) return { kind: 'unsupported', version: 'cancel request' }
    return { kind: 'cancel', processId: packet.readInt32BE(4), secret: packet.readInt32BE(8) }
  }
  if (request) return { kind: request }

  const major = code >> 16
  const minor = code & 0xffff
  if (major !== PROTOCOL_MAJOR) return { kind: 'unsupported', version: `${major}.${minor}` }

  const words = packet.toString('utf8', 4).split('\0')
  const parameters = new Map<string, string>()
  for (let index = 0; index + 1 < words.length; index += 2) {
    const name = words[index]
    if (!name) break
    parameters.set(name, words[index + 1] ?? '')
  }
  return { kind: 'session', newer: minor > 0, parameters }
}

// Not settings of the session, or fixed for this server.
const NOT_SETTINGS = new Set(['user', 'database', 'options', 'replication', 'client_encoding'])

/** The settings a client asks for in its startup packet, `options` (`-c name=value`) included. */
export function startupSettings(parameters: ReadonlyMap<string, string>): Map<string, string> {
  const settings = new Map<string, string>()
  for (const [name, value] of parseOptions(parameters.get('options') ?? '')) {
    settings.set(name, value)
  }
  for (const [name, value] of parameters) {
    if (!NOT_SETTINGS.has(name) && !name.startsWith('_pq_.')) settings.set(name, value)
  }
  return settings
}

/**
 * The SQL that gives a fresh session what a client asked for at its start.
 *
 * @param owner - Whom the session belongs to, unless the client is somebody else.
 */
export function sessionSettings(parameters: ReadonlyMap<string, string>, owner: string): string {
  const statements: string[] = []
  for (const [name, value] of startupSettings(parameters)) {
    statements.push(`SELECT set_config(${literal(name)}, ${literal(value)}, false)`)
  }
  const user = parameters.get('user') ?? owner
  if (user !== owner) statements.push(`SET SESSION AUTHORIZATION ${literal(user)}`)
  return statements.join(';')
}

function parseOptions(options: string): [string, string][] {
  // Words are separated by spaces; a backslash protects the next character, as in PostgreSQL.
  const words = options.match(/(?:\\.|\S)+/g)?.map((word) => word.replaceAll(/\\(.)/g, '$1')) ?? []
  const settings: [string, string][] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    const setting = word === '-c' ? words[++index] : word.replace(/^(-c|--)/, '')
    const at = setting?.indexOf('=') ?? -1
    if (setting && at > 0) {
      settings.push([setting.slice(0, at).replaceAll('-', '_'), setting.slice(at + 1)])
    }
  }
  return settings
}
