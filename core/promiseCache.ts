/**
 * Values that take long to make, such as compiled programs: each is made once and shared, also by those who ask while
 * it is being made. One that fails is forgotten, so that the next call tries again.
 */
export interface PromiseCache<Key, Value> {
  /** The value of `key`, made by `make` where there is none yet. */
  get(key: Key, make: () => Promise<Value>): Promise<Value>
  /** Forgets all values and passes each to `release`, one after another; one still being made is waited for. */
  clear(release?: (value: Value) => void | Promise<void>): Promise<void>
}

/**
 * ```ts
 * const models = promiseCache<string, Model>()
 * const model = await models.get(path, () => loadModel(path))
 * ```
 */
export function promiseCache<Key, Value>(): PromiseCache<Key, Value> {
  const made = new Map<Key, Promise<Value>>()
  return {
    get(key, make) {
      const known = made.get(key)
      if (known !== undefined) return known
      const value = make()
      made.set(key, value)
      value.catch(() => {
        if (made.get(key) === value) made.delete(key)
      })
      return value
    },
    async clear(release) {
      const values = [...made.values()]
      made.clear()
      for (const outcome of await Promise.allSettled(values)) {
        if (outcome.status === 'fulfilled') await release?.(outcome.value)
      }
    },
  }
}
