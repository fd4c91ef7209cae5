import { workerPool } from '../../core/index.js'
import { type Dwarf, dwarfs } from '../../io/dwarfs/index.js'
import type { DrawnDwarf, DwarfPrior, StarCount } from '../../simulators/dwarfs/index.js'
import type { Facts, Making } from '../case.js'
import type { RunContext } from '../run/context.js'
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
 * neither on the threads nor on interruptions.
 */
export async function planSimulation(options: SimulateDwarfsOptions, context: RunContext): Promise<Making<Dwarf>> {
  const { n, seed, threads, binaries, contaminants, dfClip } = options
  const stars = readStarCount(options)
  const prior: DwarfPrior = readPrior(options)
  const errors = readVelocityErrors(options.errors)
  const drawing = { stars, errors, binaries, contaminants, clip: dfClip }
  const key = context.key.split('dwarf').words
  const redrawnOf = (sums: Facts): Facts => (contaminants > 0 ? { foregrounds_redrawn: sums.redrawn } : {})
  const rejectedOf = (sums: Facts) => ({ rejected_share: sums.rejected / (sums.rejected + n) })
  return {
    kind: dwarfs,
    n,
    identity: { n, seed, stars, errors, prior, df_clip: dfClip, binaries, contaminants },
    block: blockSize(stars, n),
    label: 'simulating galaxies',
    begins: [`${n} galaxies, ${describeStarCount(stars)}`],
    attributes: { prior: JSON.stringify(prior), df_clip: dfClip ? 1 : 0, binaries, contaminants },
    closing: sums => ({ ...rejectedOf(sums), ...redrawnOf(sums) }),
    open(blocks) {
      const pool = workerPool<SimulateDwarfsTask, DrawnDwarf[]>(
        import.meta.url,
        'simulateWorker',
        Math.min(threads, blocks),
      )
      return {
        // Two under way a thread: one is worked on, one waits for its turn.
        atOnce: 2 * pool.threads,
        async make({ from, to }) {
          const objects = await pool.run({ key, from, to, prior, options: drawing }, context.signal)
          const sum = (of: (galaxy: DrawnDwarf) => number) => objects.reduce((total, galaxy) => total + of(galaxy), 0)
          return { objects, facts: { rejected: sum(one => one.rejected), redrawn: sum(one => one.redrawn) } }
        },
        close: pool.close,
      }
    },
    report({ drawn, seconds, sums }) {
      const { rejected_share } = rejectedOf(sums)
      const share = (100 * rejected_share).toFixed(1)
      return {
        notes: [
          `${share}% of the draws from the prior had no distribution function and were redrawn`,
          ...(sums.redrawn > 0 ? [`${sums.redrawn} foregrounds left fewer than two members and were redrawn`] : []),
        ],
        json: { galaxies_per_second: drawn / seconds, rejected_share, ...redrawnOf(sums) },
      }
    },
  }
}

/** A function of what is asked for alone, so that every number of threads can go on with the blocks of every other. */
function blockSize(stars: StarCount, n: number): number {
  const mean =
    stars.kind === 'exact' ? stars.stars : stars.kind === 'poisson' ? stars.mean : (stars.low + stars.high) / 2
  return Math.max(1, Math.min(galaxiesPerBlock, Math.ceil(starsPerBlock / mean), Math.ceil(n / blocksAtLeast)))
}
