import type { Key } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/index.js'
import {
  type DwarfPrior,
  type DwarfTheta,
  dwarfNames,
  dwarfPrior,
  priorNames,
  toUnitCube,
} from '../../simulators/index.js'
import { judgeableObjects } from '../answers/judgeableObjects.js'
import type { Calibrating, OpenPosterior } from '../case.js'
import type { EmbeddedMethod } from '../learn/methodNames.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { refuseSettings } from '../verbs/refusals.js'
import { openJeans } from './jeans/index.js'
import { loadDwarfsModel } from './model.js'
import { openNetwork } from './openNetwork.js'
import { boundsOf, parametersUnder, truthOf } from './parameters.js'
import { openTrainingData } from './trainingData.js'

export interface EvaluateOptions extends CommonOptions {
  readonly data: readonly string[]
  readonly method?: EmbeddedMethod | 'jeans'
  /** at most so many galaxies, the first ones; 0 for all */
  readonly galaxies: number
  /** draws a galaxy */
  readonly n: number
}

/** Galaxies that are answered at a time: by the network, and by each thread of the Jeans analysis, which takes long. */
const [networkBlock, jeansBlock] = [256, 8]

/** What rounding may move theta out of its prior by, as a share of the width. */
const rounding = 1e-6

/**
 * `stipple dwarfs evaluate`: are the posteriors of simulated galaxies true?
 *
 * JSON besides: `inside` with the metrics and curves of the galaxies inside the prior, where some are not; `galaxies`.
 * `passed` is about the galaxies inside: every parameter's 68% intervals hold 68 +- 2% of truths and its 95% intervals
 * 95 +- 1% (or three standard errors, where there are too few galaxies to tell that), ranks are uniform (p > .01 after
 * Bonferroni), TARP stays within its band.
 */
export async function planEvaluation(options: EvaluateOptions, context: RunContext): Promise<Calibrating<Dwarf>> {
  refuseSettings(options)
  const data = await openTrainingData(options.data, context.signal)
  const key = context.key.split('evaluate')
  try {
    const { opened, prior, keyOf, by } = await openPosterior(options, key, context)
    // Only where the galaxies come from a wider prior than the posterior's are there two groups.
    const wider = priorNames.some(name => data.prior[name][0] < prior[name][0] || data.prior[name][1] > prior[name][1])
    const unitOf = (theta: DwarfTheta) => toUnitCube(theta, prior)
    const named = (theta: ArrayLike<number>) =>
      Object.fromEntries(dwarfNames.map((name, i) => [name, theta[i]])) as DwarfTheta
    const count = options.galaxies > 0 ? Math.min(options.galaxies, data.count) : data.count
    return {
      kind: 'calibration',
      opened,
      n: options.n,
      key,
      count,
      noun: 'galaxies',
      simulations: () => judgeableObjects(data, { count, thetaOf: truthOf, keyOf, signal: context.signal }),
      block: options.method === 'jeans' ? jeansBlock * options.threads : networkBlock,
      bounds: boundsOf(prior),
      toUnit: theta => unitOf(named(theta)),
      ...(wider && {
        isInside: (theta: readonly number[]) => unitOf(named(theta)).every(u => u >= -rounding && u <= 1 + rounding),
      }),
      title: 'Are the posteriors true?',
      by,
      data: options.data,
      provenance: [],
      close: data.close,
    }
  } catch (error) {
    data.close()
    throw error
  }
}

interface Opened {
  readonly opened: OpenPosterior<Dwarf>
  readonly prior: DwarfPrior
  /** of the draws of galaxy `index` */
  keyOf(index: number): Key
  readonly by: string
}

async function openPosterior(
  { method, run, threads }: EvaluateOptions,
  key: Key,
  { signal }: RunContext,
): Promise<Opened> {
  if (method !== 'jeans') {
    const { opened, model } = await openNetwork({ method, run, threads })
    const noise = (index: number) => key.split('galaxy').split(index).split('noise')
    return {
      opened,
      prior: model.prior,
      keyOf: index => (model.members.length === 1 ? noise(index).split(0) : noise(index)),
      by: run ?? 'the model shipped with the package',
    }
  }
  // The baseline is given the prior of the network that it is compared with: the shipped one's is the default.
  const prior = run === undefined ? dwarfPrior : (await loadDwarfsModel(run)).prior
  return {
    opened: { posterior: openJeans({ parameters: parametersUnder(prior), prior, threads, signal }), method },
    prior,
    keyOf: index => key.split('jeans').split(index),
    by: 'the Jeans analysis by MCMC',
  }
}
