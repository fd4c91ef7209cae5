import { type Draws, type Key, type Parameters, type Posterior, workerPool } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/index.js'
import { type DwarfPrior, dwarfNames } from '../../../simulators/dwarfs/index.js'
import type { JeansOptions, JeansPosterior } from './jeansPosterior.js'
import type { JeansTask } from './jeansWorker.js'

/** A predicate cannot cross to another thread. */
export interface OpenJeansOptions extends Omit<JeansOptions, 'accept' | 'draws'> {
  readonly parameters: Parameters
  readonly prior: DwarfPrior
  /** default: all cores */
  readonly threads?: number
  readonly signal?: AbortSignal
}

/** Draws by MCMC, and convergence of each parameter. */
export interface JeansDraws extends Draws {
  readonly each: Readonly<Record<string, { readonly rhat: number; readonly ess: number }>>
}

export interface OpenJeans extends Posterior<Dwarf> {
  draw(dwarf: Dwarf, n: number, key: Key): Promise<JeansDraws>
  drawMany(dwarfs: readonly Dwarf[], n: number, keys: readonly Key[]): Promise<JeansDraws[]>
}

/** The Jeans analysis as a posterior; galaxies are spread over threads, with the same bytes whatever their number. */
export function openJeans({ parameters, prior, threads, signal, ...options }: OpenJeansOptions): OpenJeans {
  const pool = workerPool<JeansTask, JeansPosterior>(import.meta.url, 'jeansWorker', threads)
  const draw: OpenJeans['draw'] = async (dwarf, n, key) =>
    drawsOf(await pool.run({ dwarf, prior, key: key.words, options: { ...options, draws: n } }, signal))
  return {
    parameters,
    draw,
    drawMany: (dwarfs, n, keys) => Promise.all(dwarfs.map((dwarf, i) => draw(dwarf, n, keys[i]))),
    close: pool.close,
  }
}

function drawsOf({ draws, logProb, rhat, ess, acceptance }: JeansPosterior): JeansDraws {
  const worst = Math.max(...rhat)
  return {
    theta: draws,
    logProb,
    diagnostics: { rhat: worst, ess: Math.min(...ess), acceptance },
    problems: worst > 1.1 ? [`The chains have not converged: R-hat is ${worst.toFixed(2)}.`] : [],
    each: Object.fromEntries(dwarfNames.map((name, p) => [name, { rhat: rhat[p], ess: ess[p] }])),
  }
}
