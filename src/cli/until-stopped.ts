import type { Io } from './io.ts'

/**
 * Gives work a promise that Ctrl-C resolves. From the beginning on: what is still starting then is closed as well.
 */
export async function untilStopped<T>(
  io: Io,
  work: (stopped: Promise<void>) => Promise<T>,
): Promise<T> {
  let stop = (): void => {}
  const stopped = new Promise<void>((resolve) => (stop = resolve))
  io.signals.on('SIGINT', stop)
  io.signals.on('SIGTERM', stop)
  // Nothing else may keep the process alive.
  const alive = setInterval(() => {}, 60_000)
  try {
    return await work(stopped)
  } finally {
    clearInterval(alive)
    io.signals.off('SIGINT', stop)
    io.signals.off('SIGTERM', stop)
  }
}
