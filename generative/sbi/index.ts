/**
 * Posteriors from simulations. `npe` and its kin take a prior and a simulator (or a table of pairs) and return a
 * `Posterior` that answers for every observation; below them are methods, readers of observations that are no rows, and
 * rounds of simulations around one observation.
 *
 *     import { makeKey, normal } from 'stippling/core'
 *     import { productPrior } from 'stippling/prior'
 *     import { npe } from 'stippling/sbi'
 *
 *     // mu ~ N(0, 1), and x ~ N(mu, 1) twice: the posterior is N(sum x / 3, 1 / 3)
 *     const prior = productPrior({ mu: { normal: [0, 1] } })
 *     const simulate = ([mu]: Float64Array, key: ReturnType<typeof makeKey>) => normal(key, 2).map(e => mu + e)
 *     const posterior = await npe({ prior, simulate, simulations: 1000, steps: 300, key: makeKey(0) })
 *     const { theta } = await posterior.draw([1, 2], 4000, makeKey(1))
 *     console.log(Math.abs(theta.reduce((sum, mu) => sum + mu, 0) / 4000 - 1) < 0.1)   // true
 *     await posterior.close()
 *
 * @module
 */

// A posterior from a simulator or a table

export {
  fmpe,
  type Learnable,
  type LearnOptions,
  type LearnProgress,
  type LearnRequest,
  learnPosterior,
  nle,
  npe,
  npse,
  nre,
  type ObservedRow,
  type PairTable,
} from './learnPosterior.js'

// Methods over any kind of observation

export { type ConditionalDensity, conditionalDensity, type FlowShape } from './conditionalDensity.js'
export { type MethodOptions, makeMethod, makeRowMethod } from './makeMethod.js'
export type { Method, SimulationTensors } from './method.js'
export { type MethodName, methodNames, methods } from './methodNames.js'
export type { ReaderOptions, RowOptions } from './methods/options.js'
export { ensembleInZ, type LearnedPosterior, type PosteriorInZ, posteriorInTheta } from './posteriorInZ.js'
export type { LinearStart, MethodReader, ObservationTensors } from './reader.js'
export { type Row, type RowReaderOptions, rowReader, simulationsOf } from './readers/rows.js'
export { type SetForm, setReader, setRowWidth, setStatistics } from './readers/sets.js'
export { type RowNetwork, residualMlp } from './residualMlp.js'
export { simulationBatch } from './simulationBatch.js'

// The next round, around one observation

export { nextRound, type Proposals, type RoundOptions, truncatedPrior } from './sequential.js'

// What is known of simulations before anything is learned

export { fitLinearGaussian, type LinearGaussian, residualsGiven } from '../flow/linearGaussian.js'
export {
  describeSimulations,
  type SimulationStatistics,
  type SimulationTable,
  standardised,
} from './simulationStatistics.js'

// Training

export {
  type FitRowsOptions,
  type FittedRows,
  trainingDefaults,
  trainingPlan,
} from '../../engine/index.js'
export { type Simulations, trainMethod } from './trainMethod.js'
