import { existsSync } from 'node:fs'
import { Interrupted, workerPool } from '../../core/index.js'
import { type DwarfParts, openDwarfParts, type PartFacts } from '../../io/dwarfs/index.js'
import { partsFolder } from '../../io/parts.js'
import type { DrawnDwarf, DwarfOptions, DwarfPrior, StarCount } from '../../simulators/dwarfs/index.js'
import type { RunContext } from '../run/context.js'
import { inParallel } from '../run/concurrency.js'
import { refuseOverwrite } from '../run/overwrite.js'
import {
  describeStarCount,
  readPrior,
  readStarCount,
  readVelocityErrors,
  type SimulateDwarfsOptions,
} from './simulateOptions.js'
import type { SimulateDwarfsTask } from './simulateWorker.js'

/**
 * Galaxies of a block, which a thread draws before it hands them over: about so many stars, at most so many galaxies,
 * and blocks enough for as many threads.
 */
const starsPerBlock = 50_000
const galaxiesPerBlock = 250
const blocksAtLeast = 16

/**
 * `stipple dwarfs simulate`: galaxies from the prior, each from a key of its own number, so that the file depends
 * neither on the threads nor on interruptions. Interrupted or killed, it leaves the blocks of galaxies that are done
 * beside `--out`, and `--resume` goes on, with as many threads as it likes.
 */
export async function simulateDwarfs(options: SimulateDwarfsOptions, context: RunContext): Promise<void> {
  const { n, seed, force, resume, binaries, contaminants, dfClip } = options
  const out = options.out ?? ''
  if (resume && existsSync(out) && !existsSync(partsFolder(out))) {
    context.print(`${out} is there already`)
    context.json({ out, n, seconds_per_field: 0 })
    return
  }
  const stars = readStarCount(options)
  const prior = readPrior(options)
  const errors = readVelocityErrors(options.errors)
  await refuseOverwrite(out, force)
  const identity = { n, seed, stars, errors, prior, df_clip: dfClip, binaries, contaminants }
  const finished = openDwarfParts(out, identity, { resume, force })
  const size = blockSize(stars, n)
  const blocks = Array.from({ length: Math.ceil(n / size) }, (_, index) => ({
    index,
    from: index * size,
    to: Math.min(n, (index + 1) * size),
  }))
  const waiting = blocks.filter(({ index }) => !finished.has(index))
  const drawn = waiting.reduce((sum, { from, to }) => sum + to - from, 0)
  context.log.info(`${n} galaxies, ${describeStarCount(stars)}`)
  if (drawn < n) context.log.info(`${n - drawn} of them are there already`)
  const started = performance.now()
  let sums: PartFacts
  try {
    const drawing = { stars, errors, binaries, contaminants, clip: dfClip }
    await simulateAll(waiting, n - drawn, prior, drawing, finished, options.threads, context)
    const attributes = { prior: JSON.stringify(prior), df_clip: dfClip ? 1 : 0, binaries, contaminants }
    const closing = (sum: PartFacts) => ({
      rejected_share: shareOf(sum.rejected, n),
      ...(contaminants > 0 && { foregrounds_redrawn: sum.redrawn }),
    })
    sums = await finished.join(blocks.length, { seed, force, attributes }, closing, context.signal)
  } catch (error) {
    // What is done stays for --resume; after a failure, as of the disk, nothing does.
    if (!(error instanceof Interrupted || context.signal.aborted || resume)) finished.remove()
    throw error
  }
  const seconds = (performance.now() - started) / 1000
  const share = shareOf(sums.rejected, n)
  context.log.info(
    `${(100 * share).toFixed(1)}% of the draws from the prior had no distribution function and were redrawn`,
  )
  if (sums.redrawn > 0) context.log.info(`${sums.redrawn} foregrounds left fewer than two members and were redrawn`)
  context.print(`${n} galaxies in ${out}`)
  context.json({
    out,
    n,
    seconds_per_field: drawn > 0 ? seconds / drawn : 0,
    galaxies_per_second: drawn / seconds,
    rejected_share: share,
    ...(contaminants > 0 && { foregrounds_redrawn: sums.redrawn }),
  })
}

interface Block {
  readonly index: number
  readonly from: number
  readonly to: number
}

/** Blocks come back in whatever order; each is put away as it comes, so memory does not grow with n. */
async function simulateAll(
  blocks: readonly Block[],
  there: number,
  prior: DwarfPrior,
  options: DwarfOptions,
  finished: DwarfParts,
  threads: number,
  context: RunContext,
): Promise<void> {
  if (blocks.length === 0) return
  const pool = workerPool<SimulateDwarfsTask, DrawnDwarf[]>(
    import.meta.url,
    'simulateWorker',
    Math.min(threads, blocks.length),
  )
  const galaxies = blocks.reduce((sum, { from, to }) => sum + to - from, 0)
  const progress = context.progress(there + galaxies, 'simulating galaxies')
  progress.advance(there)
  const key = context.key.split('dwarf').words
  try {
    // Two under way a thread: one is worked on, one waits for its turn.
    await inParallel(blocks, 2 * pool.threads, async ({ index, from, to }) => {
      const drawn = await pool.run({ key, from, to, prior, options }, context.signal)
      context.signal.throwIfAborted()
      const sum = (of: (galaxy: DrawnDwarf) => number) => drawn.reduce((total, galaxy) => total + of(galaxy), 0)
      finished.write(index, drawn, { rejected: sum(one => one.rejected), redrawn: sum(one => one.redrawn) })
      progress.advance(drawn.length)
    })
  } finally {
    progress.stop()
    await pool.close()
  }
}

function shareOf(rejected: number, n: number): number {
  return rejected / (rejected + n)
}

/** A function of what is asked for alone, so that every number of threads can go on with the blocks of every other. */
function blockSize(stars: StarCount, n: number): number {
  const mean =
    stars.kind === 'exact' ? stars.stars : stars.kind === 'poisson' ? stars.mean : (stars.low + stars.high) / 2
  return Math.max(1, Math.min(galaxiesPerBlock, Math.ceil(starsPerBlock / mean), Math.ceil(n / blocksAtLeast)))
}
