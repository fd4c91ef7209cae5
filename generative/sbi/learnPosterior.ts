import { DataError, type Key, type ParameterPrior, type Posterior, parametersOf, UsageError } from '../../core/index.js'
import { drawPrior } from '../prior/prior.js'
import { makeRowMethod } from './makeMethod.js'
import type { MethodName } from './methodNames.js'
import { simulationsOf } from './readers/rows.js'
import { describeSimulations } from './simulationStatistics.js'
import { trainMethod } from './trainMethod.js'

/** An observation: a row of numbers, of the same columns as the simulations. */
export type ObservedRow = Float64Array | readonly number[]

/** Pairs that were simulated elsewhere. */
export interface PairTable {
  /** `[rows, p]`, flat and row-major, drawn from the prior, in the units of the parameters */
  readonly theta: ArrayLike<number>
  /** `[rows, columns]` */
  readonly x: ArrayLike<number>
}

/** How a posterior is learned. All but the key have defaults. */
export interface LearnOptions {
  readonly key: Key
  /** steps of training at most; default such that a run takes about 8000. It stops earlier where it gets no better. */
  readonly steps?: number
  /** simulations a step; default grows with the simulations, from 64 to 512 */
  readonly batchSize?: number
  /** threads of training and answers; default 1, which gives the same bytes on every machine of a kind */
  readonly threads?: number
  /** networks that are trained apart and answer together; default 1 */
  readonly members?: number
  readonly signal?: AbortSignal
  /** Called at every simulation and at every step of training. */
  onProgress?(progress: LearnProgress): void
}

export interface LearnProgress {
  readonly phase: 'simulating' | 'training'
  /** simulations, or steps of all members together */
  readonly done: number
  readonly of: number
  /** of the step, nats */
  readonly loss?: number
}

/** From what a posterior is learned: a simulator, or a table of pairs. */
export type Learnable = { readonly prior: ParameterPrior } & (
  | {
      /**
       * One simulation x ~ p(x | theta). The key is the simulation's own: draw random numbers from it.
       *
       * @param theta `[p]`
       */
      simulate(theta: Float64Array, key: Key): ArrayLike<number> | Promise<ArrayLike<number>>
      /** how many */
      readonly simulations: number
      readonly table?: undefined
    }
  | { readonly table: PairTable; readonly simulate?: undefined; readonly simulations?: undefined }
)

/** What `npe`, `nle`, `nre`, `fmpe` and `npse` are given. */
export type LearnRequest = Learnable & LearnOptions

/**
 * Learns p(theta | x) from simulations by any of the methods, for every x at once. The simulations are standardised and
 * regressed on inside; a tenth of them is held out and stops the training where it gets no better. The same key gives
 * the same posterior.
 *
 *     const posterior = await learnPosterior({ method: 'npe', prior, simulate, simulations: 10_000, key: makeKey(0) })
 *     const { theta } = await posterior.draw(observation, 1000, makeKey(1)) // [1000, p]
 *     await posterior.close()
 *
 * @throws {DataError} for a simulation that is not finite or of another length, and theta outside the prior
 * @throws {UsageError} for fewer than 20 simulations
 */
export async function learnPosterior(
  request: { readonly method: MethodName } & LearnRequest,
): Promise<Posterior<ObservedRow>> {
  const { method: name, prior, key, steps, batchSize, threads = 1, members = 1, signal, onProgress } = request
  const table = await tableOf(request)
  const statistics = describeSimulations(table)
  const method = makeRowMethod(name, { parameters: parametersOf(prior), statistics })
  const trained = []
  for (let member = 0; member < members; member++) {
    const progress = ({ step, of, loss }: { step: number; of: number; loss: number }) =>
      onProgress?.({ phase: 'training', done: member * of + step, of: members * of, loss })
    const options = { steps, batch: batchSize, threads, signal, onStep: progress }
    const own = key.split('member').split(member)
    trained.push((await trainMethod(method, simulationsOf(table), options, own)).params)
  }
  const posterior = method.posterior(trained, { threads })
  const { logProb, target } = posterior
  const row = (observation: ObservedRow) => {
    if (observation.every(Number.isFinite)) return Float64Array.from(observation)
    throw new DataError(
      'expected an observation of finite numbers',
      `got ${observation.find(value => !Number.isFinite(value))}`,
      'give a row as the simulator makes them',
    )
  }
  return {
    parameters: posterior.parameters,
    draw: async (observation, n, key) => posterior.draw(row(observation), n, key),
    drawMany: async (observations, n, keys) => posterior.drawMany(observations.map(row), n, keys),
    ...(logProb && {
      logProb: async (observation: ObservedRow, theta: Float64Array) => logProb(row(observation), theta),
    }),
    ...(target && { target: (observation: ObservedRow) => target(row(observation)) }),
    close: () => posterior.close(),
  }
}

/**
 * Neural posterior estimation, the first choice: a spline flow learns p(theta | x) itself, so that draws and densities
 * are one pass. Papamakarios and Murray 2016, arXiv 1605.06376; see `learnPosterior` for what is thrown.
 *
 *     const posterior = await npe({ prior, simulate, simulations: 10_000, key: makeKey(0) })
 *     const { theta, logProb } = await posterior.draw(observation, 1000, makeKey(1))
 */
export const npe = (request: LearnRequest) => learnPosterior({ ...request, method: 'npe' })

/**
 * Neural likelihood estimation: a flow learns p(x | theta), and tempering draws the posterior. Papamakarios, Sterratt
 * and Murray 2019, arXiv 1805.07226.
 */
export const nle = (request: LearnRequest) => learnPosterior({ ...request, method: 'nle' })

/**
 * Neural ratio estimation: a network learns p(x | theta) / p(x), and tempering draws the posterior. Miller, Weniger and
 * Forré 2022, arXiv 2210.06170.
 */
export const nre = (request: LearnRequest) => learnPosterior({ ...request, method: 'nre' })

/**
 * Flow matching: a velocity carries noise to the posterior. Draws come without densities (NaN), which `logProb`
 * computes. Dax et al. 2023, arXiv 2305.17161.
 */
export const fmpe = (request: LearnRequest) => learnPosterior({ ...request, method: 'fmpe' })

/**
 * Neural posterior score estimation: a denoiser of theta. Draws come without densities (NaN), which `logProb` computes.
 * Sharrock et al. 2024, arXiv 2210.04872.
 */
export const npse = (request: LearnRequest) => learnPosterior({ ...request, method: 'npse' })

const fewest = 20

/** The pairs, in the prior's standard normal coordinates. */
async function tableOf(request: LearnRequest) {
  const { prior, key, signal, onProgress } = request
  const p = prior.names.length
  if (request.table !== undefined) {
    const { theta, x } = request.table
    return tableFrom(prior, Float64Array.from(theta), Float32Array.from(x))
  }
  const { simulate, simulations } = request
  expectEnough(simulations)
  const theta = drawPrior(prior, simulations, key.split('theta'))
  let x: Float32Array | undefined
  for (let row = 0; row < simulations; row++) {
    signal?.throwIfAborted()
    const simulated = await simulate(theta.slice(row * p, (row + 1) * p), key.split('simulation').split(row))
    x ??= new Float32Array(simulations * simulated.length)
    const width = x.length / simulations
    if (simulated.length !== width) {
      throw new DataError(
        `expected ${width} numbers of every simulation`,
        `got ${simulated.length} of simulation ${row}`,
        'let the simulator return rows of one length',
      )
    }
    x.set(simulated, row * width)
    onProgress?.({ phase: 'simulating', done: row + 1, of: simulations })
  }
  return tableFrom(prior, theta, x ?? new Float32Array())
}

function tableFrom(prior: ParameterPrior, theta: Float64Array, x: Float32Array) {
  const p = prior.names.length
  const rows = theta.length / p
  expectEnough(rows)
  const width = x.length / rows
  if (!Number.isInteger(width) || width === 0) {
    throw new DataError(
      `expected as many rows of x as of theta, ${rows}`,
      `got ${x.length} numbers`,
      'pass flat rows of one length',
    )
  }
  const wrong = x.findIndex(value => !Number.isFinite(value))
  if (wrong >= 0) {
    const row = Math.floor(wrong / width)
    const there = theta.subarray(row * p, (row + 1) * p).join(', ')
    throw new DataError(
      'expected simulations of finite numbers',
      `got ${x[wrong]} in simulation ${row} at theta = [${there}]`,
      'let the simulator return a finite number in its place, or narrow the prior',
    )
  }
  const z = prior.toNormal(theta)
  const outside = z.findIndex(value => !Number.isFinite(value))
  if (outside >= 0) {
    throw new DataError(
      'expected theta inside the support of the prior',
      `got ${prior.names[outside % p]} = ${theta[outside]} in row ${Math.floor(outside / p)}`,
      'omit the row, or widen the prior',
    )
  }
  return { rows, z: Float32Array.from(z), x }
}

function expectEnough(rows: number): void {
  if (Number.isInteger(rows) && rows >= fewest) return
  throw new UsageError(`expected a whole number of simulations, at least ${fewest}`, `got ${rows}`, 'simulate more')
}
