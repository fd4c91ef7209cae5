import { concatMap, Observable, type OperatorFunction } from 'rxjs'

/**
 * A source that is pulled: it is asked for one value at a time and may end. `signal` is aborted when nobody listens any
 * more; the source then closes its files.
 */
export type Source<T> = (signal: AbortSignal) => AsyncIterable<T>

/** A value on loan: alive until it is given back. */
export interface Held<T> {
  readonly value: T
  /** Gives the value back, so that the source may be asked for another. Once; later calls do nothing. */
  release(): void
}

/**
 * The demand operator: an Observable over a pull source with at most `prefetch` values alive, those emitted and not yet
 * released. An Observable alone pushes, and `from(asyncIterable)` before `concatMap` queues without bound; here the
 * next value is asked for only when fewer than `prefetch` are out, so any operator may stand behind it and its queue is
 * bounded too. Unsubscribing aborts the source's signal and closes its iterator; an error of the source is an error of
 * the Observable; an aborted `signal` is an error with its reason.
 *
 * @param prefetch at least 1; 1 means that the source rests while the consumer works
 */
export function demand<T>(source: Source<T>, prefetch: number, signal?: AbortSignal): Observable<Held<T>> {
  if (!(Number.isSafeInteger(prefetch) && prefetch >= 1))
    throw new RangeError(`expected prefetch of at least 1; got ${prefetch}`)
  return new Observable(subscriber => {
    const closing = new AbortController()
    const iterator = source(closing.signal)[Symbol.asyncIterator]()
    let alive = 0
    let asking = false

    const ask = async (): Promise<void> => {
      if (asking) return
      asking = true
      try {
        while (alive < prefetch && !subscriber.closed) {
          alive++
          const { value, done } = await iterator.next()
          if (done) {
            subscriber.complete()
            return
          }
          if (subscriber.closed) return
          subscriber.next(hold(value))
        }
      } catch (error) {
        subscriber.error(error)
      } finally {
        asking = false
      }
    }

    const hold = (value: T): Held<T> => {
      let held = true
      return {
        value,
        release() {
          if (!held) return
          held = false
          alive--
          void ask()
        },
      }
    }

    const onAbort = () => subscriber.error(signal?.reason)
    if (signal?.aborted) {
      onAbort()
      return
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    void ask()
    return () => {
      signal?.removeEventListener('abort', onAbort)
      closing.abort(signal?.aborted ? signal.reason : undefined)
      // A source that fails while it closes has nobody left to tell: its listener has gone or has its error already.
      iterator.return?.().catch(() => {})
    }
  })
}

/**
 * Consumes held values one after another and gives each back when its work is done.
 *
 * @param work what is done with a value; its result is emitted
 */
export function consume<T, R>(work: (value: T, index: number) => Promise<R> | R): OperatorFunction<Held<T>, R> {
  return concatMap(async (held, index) => {
    try {
      return await work(held.value, index)
    } finally {
      held.release()
    }
  })
}

/** The same loan with another value, for operators between `demand` and `consume`. */
export function mapHeld<T, R>(held: Held<T>, change: (value: T) => R): Held<R> {
  return { value: change(held.value), release: held.release }
}

/** Changes each value of a source, one at a time. */
export function mapSource<T, R>(source: Source<T>, change: (value: T) => R | Promise<R>): Source<R> {
  return async function* (signal) {
    for await (const value of source(signal)) yield await change(value)
  }
}
