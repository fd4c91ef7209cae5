/**
 * What every room shares: errors, keys that random numbers come from, boxes, and the contracts between the rooms
 * (clouds, networks, denoisers, priors, targets, posteriors).
 *
 *     import { makeKey, minimumImage, normal } from 'stippling/core'
 *
 *     const key = makeKey(0)
 *     const noise = normal(key.split('noise'), [2, 3])
 *     console.log(noise.length)               // 6
 *     console.log(minimumImage(900, 1000))    // -100
 *
 * @module
 */

export { type Box, minimumImage, openBox, periodicBox, wrap, wrapPositions } from './box.js'
export { type Channel, type CloudBatch, countPoints } from './cloud.js'
export { countBelow } from './countBelow.js'
export type { Denoiser, OnStep, State } from './denoiser.js'
export {
  DataError,
  type ExitCode,
  Interrupted,
  messageOf,
  StippleError,
  ThetaOutOfRange,
  UsageError,
  WorkError,
} from './errors.js'
export { integers, type Key, keyOf, makeKey, normal, permutation, randomWords, uniform } from './key.js'
export { logGamma } from './logGamma.js'
export type { KnnGraph, RadiusGraph } from './neighbours.js'
export type { ArrayValue, CloudInput, Network, Tree } from './network.js'
export type { ParameterPrior } from './parameterPrior.js'
export { philox4x32 } from './philox.js'
export { type Draws, type Parameters, type Posterior, parametersOf, type Reader, type Summary } from './posterior.js'
export { type PromiseCache, promiseCache } from './promiseCache.js'
export type { DensityAndGradient, Target } from './target.js'
export { type WorkerPool, workerFlags, workerPool, workerUrl } from './workerPool.js'
