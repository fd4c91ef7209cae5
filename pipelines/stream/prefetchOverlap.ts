import { demand, type Held, type Source } from './demand.js'

/** Values that are made while their consumer works, and how long it had to wait for them. */
export interface Overlapped<T> extends AsyncIterable<T> {
  /** Time the consumer waited over all time since it began, in [0, 1]; 0 before the first value. */
  dataWaitFraction(): number
}

/**
 * Pulls ahead of a consumer that takes values with `for await`. At most `prefetch` values are alive: those waiting and
 * the one the consumer is at, which is given back when it asks for the next. The first value, for which everybody
 * waits, is counted like the others.
 *
 * @param now a clock in milliseconds
 */
export function prefetchOverlap<T>(
  source: Source<T>,
  options: { readonly prefetch: number; readonly signal?: AbortSignal; readonly now?: () => number },
): Overlapped<T> {
  const now = options.now ?? (() => performance.now())
  let began: number | undefined
  let ended: number | undefined
  let waited = 0
  let waitingSince: number | undefined

  async function* pull(): AsyncGenerator<T, void, undefined> {
    const ready: Held<T>[] = []
    let finished = false
    let failure: { readonly error: unknown } | undefined
    let wake = () => {}
    began = now()
    waitingSince = began
    const subscription = demand(source, options.prefetch, options.signal).subscribe({
      next: held => {
        ready.push(held)
        wake()
      },
      error: error => {
        failure = { error }
        wake()
      },
      complete: () => {
        finished = true
        wake()
      },
    })
    try {
      while (true) {
        if (ready.length === 0 && !finished && !failure) {
          await new Promise<void>(resolve => {
            wake = resolve
          })
        }
        if (failure && (ready.length === 0 || options.signal?.aborted)) throw failure.error
        const held = ready.shift()
        if (!held) return
        waited += now() - waitingSince
        waitingSince = undefined
        yield held.value
        // Counted from before the release: a source that makes its next value in this very turn is waited for too.
        waitingSince = now()
        held.release()
      }
    } finally {
      ended = now()
      if (waitingSince !== undefined) waited += ended - waitingSince
      waitingSince = undefined
      subscription.unsubscribe()
    }
  }

  return {
    [Symbol.asyncIterator]: pull,
    dataWaitFraction() {
      if (began === undefined) return 0
      const total = (ended ?? now()) - began
      const pending = waitingSince === undefined ? 0 : now() - waitingSince
      return total > 0 ? Math.min(1, (waited + pending) / total) : 0
    },
  }
}
