import { DataError, type Draws, type Posterior } from '../../core/index.js'
import { type Calibration, makeCalibration } from '../../generative/calibration/index.js'
import type { Calibrating, Judgeable } from '../case.js'
import type { RunContext } from '../run/context.js'
import { makeRecovery, type Recovery } from './recovery.js'

/** Posteriors of simulations beside the parameters that these were made with. */
export interface JudgedPosterior {
  /** all simulations */
  readonly all: Calibration
  /** those inside the prior of the posterior, where there are others */
  readonly inside?: Calibration
  /** simulations that could not be judged */
  readonly dropped: number
  /** some of all to look at, in the order of the parameters */
  readonly recovery: readonly Recovery[]
}

/**
 * Draws the posterior of every simulation and judges all of them: coverage, ranks, TARP, errors and log-scores.
 *
 * @throws DataError where no simulation can be judged
 */
export async function calibratePosterior<O>(plan: Calibrating<O>, context: RunContext): Promise<JudgedPosterior> {
  const { opened, n, key, block = 1, bounds, toUnit, isInside, own } = plan
  const { posterior } = opened
  const { names } = posterior.parameters
  const make = () => makeCalibration({ names, bounds, toUnit, key: key.split('calibration') })
  const all = make()
  const inside = isInside ? make() : undefined
  const recovery = makeRecovery(names.length, plan.count)
  const progress = context.progress(plan.count, `posteriors of ${plan.noun}`)
  let [total, within, dropped] = [0, 0, 0]
  const add = (truth: readonly number[], theta: Float64Array) => {
    const outside = isInside !== undefined && !isInside(truth)
    all.add(truth, theta)
    recovery.add(truth, theta, outside)
    own?.add(truth, theta)
    total++
    if (!inside || outside) return
    inside.add(truth, theta)
    within++
  }
  try {
    for await (const some of blocksOf(plan.simulations(), block)) {
      context.signal.throwIfAborted()
      const judgeable = some.filter(({ theta }) => theta !== undefined)
      dropped += some.length - judgeable.length
      const found = await drawMany(posterior, judgeable, n)
      for (const [i, { theta }] of judgeable.entries()) add(theta!, found[i].theta)
      progress.advance(some.length)
    }
  } finally {
    progress.stop()
    await posterior.close()
  }
  if (total === 0) {
    throw new DataError(
      `expected ${plan.noun} with ${names.join(', ')} to judge by`,
      dropped > 0 ? `got ${dropped} that have none, hold NaN or lie outside the prior` : 'got none',
      'check the files',
    )
  }
  const apart = inside && within > 0 && within < total && { inside: inside.result() }
  return { all: all.result(), ...apart, dropped, recovery: recovery.result() }
}

async function drawMany<O>(posterior: Posterior<O>, some: readonly Judgeable<O>[], n: number): Promise<Draws[]> {
  if (posterior.drawMany && some.length > 1) {
    const [observations, keys] = [some.map(({ observation }) => observation), some.map(({ key }) => key)]
    return posterior.drawMany(observations, n, keys)
  }
  const draws: Draws[] = []
  for (const { observation, key } of some) draws.push(await posterior.draw(observation, n, key))
  return draws
}

async function* blocksOf<T>(values: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let block: T[] = []
  for await (const value of values) {
    block.push(value)
    if (block.length < size) continue
    yield block
    block = []
  }
  if (block.length > 0) yield block
}
