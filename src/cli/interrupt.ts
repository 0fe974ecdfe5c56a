/** Aborts at the first Ctrl-C or SIGTERM; a second Ctrl-C ends the program at once. */
export function interruptSignal(onFirst: () => void): AbortSignal {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130)
    onFirst()
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}
