import { stat } from 'node:fs/promises'
import { workerPool } from '../../core/index.js'
import { createDwarfs, type DwarfsWriter } from '../../io/dwarfs/index.js'
import type { DrawnDwarf, DwarfOptions, DwarfPrior, StarCount } from '../../simulators/dwarfs/index.js'
import type { RunContext } from '../run/context.js'
import { refuseOverwrite } from '../run/overwrite.js'
import {
  describeStarCount,
  readPrior,
  readStarCount,
  readVelocityErrors,
  type SimulateDwarfsOptions,
} from './simulateOptions.js'
import type { SimulateDwarfsTask } from './simulateWorker.js'

/** Stars of the galaxies that a thread draws before it hands them over, about; at most so many galaxies. */
const starsPerBlock = 50_000
const galaxiesPerBlock = 250

/**
 * `stipple dwarfs simulate`: galaxies from the prior, each from a key of its own number, so that the file does not depend on the threads. They are written in
 * order as they come; an interrupted call leaves nothing, and `--resume` does it anew where no file is there.
 */
export async function simulateDwarfs(options: SimulateDwarfsOptions, context: RunContext): Promise<void> {
  const { n, seed, force, resume, binaries, contaminants } = options
  const out = options.out ?? ''
  if (resume && (await stat(out).catch(() => undefined))?.isFile()) {
    context.print(`${out} is there already`)
    context.json({ out, n, seconds_per_field: 0 })
    return
  }
  const stars = readStarCount(options)
  const prior = readPrior(options)
  const errors = readVelocityErrors(options.errors)
  await refuseOverwrite(out, force)
  context.log.info(`${n} galaxies, ${describeStarCount(stars)}`)
  const started = performance.now()
  const attributes = { prior: JSON.stringify(prior), df_clip: options.dfClip ? 1 : 0, binaries, contaminants }
  const writer = await createDwarfs(out, { seed, force, attributes })
  let rejected = 0
  try {
    rejected = await simulateAll(
      writer,
      n,
      prior,
      { stars, errors, binaries, contaminants, clip: options.dfClip },
      options.threads,
      context,
    )
    const share = rejected / (rejected + n)
    writer.close({ rejected_share: share })
  } finally {
    writer.discard()
  }
  const seconds = (performance.now() - started) / 1000
  const share = rejected / (rejected + n)
  context.log.info(`${(100 * share).toFixed(1)}% of the draws from the prior had no distribution function and were redrawn`)
  context.print(`${n} galaxies in ${out}`)
  context.json({ out, n, seconds_per_field: seconds / n, galaxies_per_second: n / seconds, rejected_share: share })
}

/** Blocks are drawn in any order and written in theirs; two are under way a thread, so that memory does not grow with n. */
async function simulateAll(
  writer: DwarfsWriter,
  n: number,
  prior: DwarfPrior,
  options: DwarfOptions & { readonly stars: StarCount },
  threads: number,
  context: RunContext,
): Promise<number> {
  const size = blockSize(options, n, threads)
  const blocks = Math.ceil(n / size)
  const pool = workerPool<SimulateDwarfsTask, DrawnDwarf[]>(import.meta.url, 'simulateWorker', Math.min(threads, blocks))
  const progress = context.progress(n, 'simulating galaxies')
  const key = context.key.split('dwarf').words
  const draw = (block: number) => {
    const task = { key, from: block * size, to: Math.min(n, (block + 1) * size), prior, options }
    const result = pool.run(task, context.signal)
    // Heard where it is awaited; until then a failure is nobody's.
    result.catch(() => {})
    return result
  }
  const underWay: Promise<DrawnDwarf[]>[] = []
  let rejected = 0
  try {
    for (let block = 0, next = 0; block < blocks; block++) {
      while (next < blocks && underWay.length < 2 * pool.threads) underWay.push(draw(next++))
      const galaxies = (await underWay.shift()) ?? []
      context.signal.throwIfAborted()
      for (const galaxy of galaxies) {
        writer.append(galaxy)
        rejected += galaxy.rejected
      }
      progress.advance(galaxies.length)
    }
  } finally {
    progress.stop()
    await pool.close()
  }
  return rejected
}

function blockSize({ stars }: { readonly stars: StarCount }, n: number, threads: number): number {
  const mean = stars.kind === 'exact' ? stars.stars : stars.kind === 'poisson' ? stars.mean : (stars.low + stars.high) / 2
  return Math.max(1, Math.min(galaxiesPerBlock, Math.ceil(starsPerBlock / mean), Math.ceil(n / threads)))
}
