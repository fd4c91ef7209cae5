import { type Key, workerPool } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import type { DwarfPrior } from '../../../simulators/dwarfs/index.js'
import type { JeansOptions, JeansPosterior } from './jeansPosterior.js'
import type { JeansTask } from './jeansWorker.js'

/** A predicate cannot cross to another thread. */
export interface JeansOverDwarfsOptions extends Omit<JeansOptions, 'accept'> {
  readonly key: Key
  /** default: all cores */
  readonly threads?: number
  readonly signal?: AbortSignal
  /** after each galaxy, in the order in which they are ready */
  readonly onDone?: (index: number, posterior: JeansPosterior) => void
}

/** `jeansPosterior` of every galaxy, each with a key by its index: the same bytes whatever the number of threads. */
export async function jeansOverDwarfs(
  dwarfs: readonly Dwarf[],
  prior: DwarfPrior,
  { key, threads, signal, onDone, ...options }: JeansOverDwarfsOptions,
): Promise<JeansPosterior[]> {
  const pool = workerPool<JeansTask, JeansPosterior>(import.meta.url, 'jeansWorker', threads)
  try {
    return await Promise.all(
      dwarfs.map(async (dwarf, index) => {
        const posterior = await pool.run({ dwarf, prior, key: key.split(index).words, options }, signal)
        onDone?.(index, posterior)
        return posterior
      }),
    )
  } finally {
    await pool.close()
  }
}
