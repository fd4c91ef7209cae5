import { type Denoiser, makeKey, permutation, UsageError } from '../../core/index.js'
import {
  coefficientsFor,
  type LinearScore,
  linearDenoiser,
  makeRidgePool,
  termPenalties,
  termValues,
  thetaTerms,
} from '../../generative/pairs/index.js'
import {
  featureCount,
  type Moments,
  type MomentsPool,
  makeForcePool,
  makeMomentsPool,
  type PairBasis,
  pairBasis,
} from '../../gnn/pairs/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { type FlowOptions, makeFlowMomentsPool } from './flow.js'

/** The pair score of halo fields: the features and the linear score over them. Lengths in Mpc/h. */
export interface PairModel {
  readonly basis: PairBasis
  readonly score: LinearScore
  readonly fields: number
}

export interface FitPairOptions {
  readonly fields: Iterable<Field> | AsyncIterable<Field>
  /** Noise levels, Mpc/h; default `pairLevels()` */
  readonly levels?: readonly number[]
  /** Gates by environment (default), or plain sums over pairs */
  readonly gated?: boolean
  /** Three-body terms besides (`TripleBasis`); default none */
  readonly triples?: boolean
  /** Ridge candidates, relative to the diagonal; the held-out fields choose. One value: no choice. */
  readonly ridge?: readonly number[]
  /**
   * Noise draws a field and level, default 2: with 36 fields the second still tells something, with a hundred it need
   * not
   */
  readonly draws?: number
  readonly fieldsForQuadratic?: number
  readonly basis?: PairBasis
  /** The velocity of flow matching instead of the score */
  readonly flow?: FlowOptions
  readonly seed?: number
  readonly threads?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (step: {
    readonly stage: 'moments' | 'solve'
    readonly done: number
    readonly total?: number
  }) => void
}

/** Log-spaced noise levels, ascending, Mpc/h. */
export function pairLevels(count = 14, least = 1, most = 150): number[] {
  return Array.from({ length: count }, (_, q) => least * (most / least) ** (count === 1 ? 0 : q / (count - 1)))
}

const triedRidges = [0.003, 0.01, 0.03, 0.1, 0.3]

/**
 * Fits the pair score in closed form: features and noise of every field at every level to second moments (in worker
 * threads, one field a task), then one ridge regression a level over all fields and theta terms. The same bytes
 * whatever the thread count.
 */
export async function fitPairModel(options: FitPairOptions): Promise<PairModel> {
  const { levels = pairLevels(), ridge = triedRidges, draws = 2, seed = 0, signal, onProgress } = options
  const key = makeKey(seed).split('pair score')
  const thetas: Readonly<Record<string, number>>[] = []
  const moments: Moments[][] = []
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  let basis = options.basis
  let pool: MomentsPool | undefined
  let done = 0
  try {
    for await (const field of options.fields) {
      signal?.throwIfAborted()
      basis ??= pairBasis(field.box, { gated: options.gated, triples: options.triples })
      pool ??= options.flow
        ? makeFlowMomentsPool(basis, draws, { ...options.flow, box: field.box }, options)
        : makeMomentsPool(basis, draws, options)
      const index = thetas.push(field.theta) - 1
      const task = pool
        .momentsOf(field.positions, levels, key.split('noise').split(index))
        .then(found => {
          moments[index] = found
          onProgress?.({ stage: 'moments', done: ++done })
        })
        // Kept, not thrown: a task may fail while the loop waits for the next field.
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => running.delete(task))
      running.add(task)
      if (running.size > pool.threads) await Promise.race(running)
      if (failure) throw failure.error
    }
    await Promise.all(running)
    if (failure) throw failure.error
  } finally {
    await pool?.close()
  }
  if (!basis)
    throw new UsageError('expected at least one field to fit the pair score on', 'got none', 'give a file with fields')

  const names = Object.keys(thetas[0])
  const rows = thetas.map(theta => names.map(name => theta[name]))
  const space = thetaTerms(names, rows, options.fieldsForQuadratic)
  const terms = rows.map(row => termValues(space, row))
  const order = permutation(key.split('held out'), rows.length)
  const held = new Set(
    ridge.length > 1 && rows.length > 1 ? order.subarray(0, Math.max(1, Math.round(rows.length / 6))) : [],
  )
  const penalties = termPenalties(space)
  const solvers = makeRidgePool(options.threads)
  let solved = 0
  const fits = await Promise.all(
    levels.map(async (_, level) => {
      const all = moments.map((ofField, f) => ({ moments: ofField[level], terms: terms[f] }))
      const training = all.filter((_, f) => !held.has(f))
      const heldOut = all.filter((_, f) => held.has(f))
      const fit = await solvers.fit({ training, heldOut, penalties, ridges: ridge }, signal)
      onProgress?.({ stage: 'solve', done: ++solved, total: levels.length })
      return fit
    }),
  ).finally(() => solvers.close())
  const coefficients = fits.map(fit => fit.coefficients)
  const diagnostics = fits.map(({ train, heldOut, ridge }, level) => ({ sigma: levels[level], train, heldOut, ridge }))
  return {
    basis,
    fields: rows.length,
    score: { theta: space, sigmas: levels, features: featureCount(basis), coefficients, diagnostics },
  }
}

export interface PairDenoiserOptions {
  /** Worker threads over the clouds of a batch; default all cores */
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Real points of each cloud, where some are padded */
  readonly counts?: readonly number[]
  readonly extrapolate?: boolean
}

/** A denoiser that owns worker threads: close it when done. */
export type PooledDenoiser = Denoiser & { close(): Promise<void> }

/** The pair score at one theta (or one each cloud of the batch) as a denoiser of positions in Mpc/h. */
export function pairDenoiser(
  model: PairModel,
  theta: Readonly<Record<string, number>> | readonly Readonly<Record<string, number>>[],
  options: PairDenoiserOptions = {},
): PooledDenoiser {
  const bind = (values: Readonly<Record<string, number>>) => coefficientsFor(model.score, values, options.extrapolate)
  const bound = isList(theta) ? theta.map(bind) : bind(theta)
  const pool = makeForcePool(model.basis, options)
  return Object.assign(linearDenoiser(pool.force, bound, options.counts), { close: () => pool.close() })
}

function isList<T extends object>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}
