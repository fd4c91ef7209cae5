/**
 * Densities by change of variables: invertible networks between data and standard normal noise, given a condition or
 * none. `fitFlow` learns one from rows; the parts are there to be chained by hand.
 *
 *     import { makeKey, normal, uniform } from 'stippling/core'
 *     import { fitFlow, splineFlow } from 'stippling/flow'
 *
 *     // x ~ N(2 c, 0.5^2) given c
 *     const condition = uniform(makeKey(1), 2000)
 *     const x = normal(makeKey(2), 2000).map((e, i) => 2 * condition[i] + 0.5 * e)
 *     const options = { key: makeKey(0), steps: 300 }
 *     const flow = await fitFlow(splineFlow({ dim: 1, conditions: 1 }), { x, condition }, options)
 *     const draws = await flow.draw([0.7], 4000, makeKey(3))
 *     console.log((draws.reduce((sum, v) => sum + v, 0) / 4000).toFixed(1))   // 1.4
 *     const [logProb] = await flow.logProb([1.4], [0.7])                      // log N(0; 0, 0.5^2) = -0.23
 *     console.log(Math.abs(logProb + 0.226) < 0.15)                           // true
 *     await flow.close()
 *
 * @module
 */

// A density of rows, learned

export { type FitFlowOptions, type FittedFlow, type FlowTable, fitFlow } from './fitFlow.js'

// The usual flows

export { type FlowEntry, type FlowKind, flowKinds, flows } from './flows.js'
export { type FlowOptions, makeFlow } from './makeFlow.js'
export { type SplineFlowOptions, splineFlow } from './splineFlow.js'

// Their parts, and what a flow is

export { type AutoregressiveOptions, autoregressive } from './autoregressive.js'
export { normalBox, unitCube } from './box.js'
export { chain, inverted } from './chain.js'
export { type CouplingOptions, coupling } from './coupling.js'
export { affine } from './elementwise/affine.js'
export type { Elementwise } from './elementwise/elementwise.js'
export { type SplineOptions, spline } from './elementwise/spline.js'
export { FlowConditionMissing, FlowMisfit } from './errors.js'
export type { Bijection, Flow } from './flow.js'
export { flowOf } from './flowOf.js'
export { invertibleLinear } from './invertibleLinear.js'
export { permutation, standardise } from './linearMaps.js'
