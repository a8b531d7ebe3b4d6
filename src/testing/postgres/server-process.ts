import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

import type { ServerUser } from './server-user.ts'

/** A file in a server's folder: it is not removed when the server has ended. */
export const KEEP_FILE = 'keep'

/**
 * Runs the command line until it ends by itself or standard input is closed. The kernel closes it when our
 * process is gone, killed or not, so that no server outlives its tests. SIGQUIT makes PostgreSQL stop at once
 * and take its shared memory along; SIGKILL would leave that. Its folder ($1) goes last.
 *
 * Where there is `setpriv`, the kernel also ends the server when this keeper itself is killed.
 */
const KEEPER = `
folder=$1
shift
exec 3<&0
setpriv --pdeathsig=QUIT true 2>/dev/null && set -- setpriv --pdeathsig=QUIT "$@"
"$@" </dev/null 3<&- &
server=$!
trap 'kill -QUIT $server' TERM INT HUP
{ cat <&3 >/dev/null; kill -QUIT $server; } 2>/dev/null &
watcher=$!
exec 3<&-
wait $server
status=$?
while kill -0 $server 2>/dev/null; do wait $server; status=$?; done
[ $status -le 128 ] || echo "the server was ended by signal $((status - 128))"
kill $watcher 2>/dev/null
[ -n "$folder" ] || exit 0
# Only where it was killed.
segment=$(sed -n '7s/.* //p' "$folder/data/postmaster.pid" 2>/dev/null)
[ -z "$segment" ] || ipcrm -m "$segment" 2>/dev/null
[ -e "$folder/${KEEP_FILE}" ] || rm -rf "$folder"
`

/** A server, and the process that ends it when ours is gone. */
export interface ServerProcess {
  /** True until the server has ended and its folder is removed. */
  isRunning(): boolean
  /** Resolves when that is so, whatever the reason; does not keep our process alive. */
  readonly gone: Promise<void>
  /** The same for those who wait for nothing else. */
  ended(): Promise<void>
  /** The end of what it printed, for people; once it has ended. */
  lastMessages(): string
  /** Stops the server at once, and resolves when it has ended and its folder is removed. */
  stop(): Promise<void>
}

/**
 * Starts a server that dies with this process.
 *
 * @param folder - Removed when the server has ended
 * @param log - File that what it prints is appended to.
 */
export function keepServer(
  folder: string,
  command: readonly string[],
  log: string,
  user: ServerUser | undefined,
): ServerProcess {
  const output = openSync(log, 'a+')
  const keeper = spawn('sh', ['-c', KEEPER, 'sh', folder, ...command], {
    cwd: '/',
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    stdio: ['pipe', output, output],
    // A process group of its own: Ctrl-C reaches us, and we end the server.
    detached: true,
    ...user,
  })
  let messages = ''
  let isRunning = true
  const awaitEnd = async (): Promise<void> => {
    // Without a shell there is no keeper at all.
    const failure = await once(keeper, 'close').then(() => undefined, String)
    isRunning = false
    // The file is removed by now, but not what is in it.
    messages = failure ?? readEnd(output)
    closeSync(output)
  }
  const ended = awaitEnd()
  // A script that forgets to stop its server may still end, and the server with it.
  keeper.unref()
  unref(keeper.stdin)
  return {
    isRunning: () => isRunning,
    gone: ended,
    async ended() {
      keeper.ref()
      await ended
    },
    lastMessages: () => messages,
    async stop() {
      keeper.ref()
      keeper.stdin?.end()
      await ended
    },
  }
}

function readEnd(file: number): string {
  const { size } = fstatSync(file)
  const bytes = Buffer.alloc(Math.min(size, 4096))
  readSync(file, bytes, 0, bytes.length, size - bytes.length)
  return bytes.toString().trim().split('\n').slice(-4).join('\n')
}

function unref(stream: ChildProcess['stdin']): void {
  // The pipe of a child is a socket, which the types do not say.
  if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref()
}
