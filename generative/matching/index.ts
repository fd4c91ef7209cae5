/**
 * Follows velocities: solvers of ordinary differential equations, of fixed and of chosen steps, and the straight paths
 * of flow matching on a periodic box, with the matching of points that makes them short.
 *
 *     import { dormandPrince } from 'stippling/matching'
 *
 *     // dy/ds = y from 0 to 1
 *     const errorOf = (error: Float64Array) => Math.max(...error.map(Math.abs)) / 1e-8
 *     const { y } = await dormandPrince(async y => Float64Array.from(y), Float64Array.of(1), [0, 1], { errorOf })
 *     console.log(y[0].toFixed(6))            // 2.718282
 *
 * @module
 */

export { type AdaptiveOptions, type AdaptiveResult, dormandPrince, type Slope, TooManySteps } from './dormandPrince.js'
export { flowEuler, flowHeun, followVelocity, type Velocity } from './fixedSteps.js'
export { type JointOptions, type JointResult, type Parts, solveJoint } from './jointOde.js'
export { type MatchingOptions, matchingCost, matchPoints } from './periodicMatching.js'
export { type EmbeddedSolver, type Solver, solvers } from './solvers.js'
export { alongPaths, type Coupling, pathNoise, periodicLengths, type TorusPaths, torusPaths } from './torusPath.js'
