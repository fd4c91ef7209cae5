/**
 * Forward models x ~ p(x | theta) and what is known of them: fields of halos and the cosmology behind them, stars of
 * dwarf galaxies, fields whose likelihood is known exactly, the standard tasks of simulation-based inference, and
 * designs of parameters to simulate at. Boxes are in Mpc/h, velocities in km/s, masses in Msun/h or Msun as named.
 *
 *     import { makeKey } from 'stippling/core'
 *     import { haloSimulator, sobol } from 'stippling/simulators'
 *
 *     const simulator = haloSimulator(1)
 *     const theta = { omega_m: 0.3, sigma_8: 0.8 }
 *     const { positions } = await simulator.run(makeKey(0), { theta, box: 100, grid: 32, points: 50 })
 *     console.log(positions.length / 3)       // 50
 *     await simulator.close()
 *     console.log(sobol(1, 2).join())         // 0.5,0.5
 *
 * @module
 */

export {
  type Cosmology,
  cosmologyOf,
  fiducial,
  meanMatterDensity,
  type ParameterName,
  parameterNames,
  quijotePrior,
} from './cosmology/cosmology.js'
export { eisensteinHu } from './cosmology/eisensteinHu.js'
export { expansion, growthFactor, growthRate } from './cosmology/growth.js'
export {
  despali16,
  type MassFunction,
  type Multiplicity,
  massFunction,
  numberAbove,
  tinker08,
  virialOverdensity,
} from './cosmology/massFunction.js'
export { galaxyParameters } from './cosmology/parameters.js'
export { linearPower, type PowerSpectrum, sigmaOfMass, topHat, varianceInSpheres } from './cosmology/powerSpectrum.js'
export { type Design, design } from './designs.js'
export { drawBinaryVelocities } from './dwarfs/binaries.js'
export { type MixedStars, mixForeground, type ObservedStars } from './dwarfs/contaminants.js'
export {
  type DwarfDistribution,
  distributionFunction,
  type NegativeDistribution,
  type ValidDistribution,
} from './dwarfs/distributionFunction.js'
export { type Gnfw, type GnfwShape, makeGnfw, massesOnGrid, newtonG } from './dwarfs/gnfw.js'
export { haloPotential } from './dwarfs/haloPotential.js'
export {
  type Anisotropy,
  abelConstant,
  type InvertedGrid,
  invert,
  type LogDensityAt,
  type PotentialAt,
  power,
  type SphericalPotential,
  subdivisions,
  type TracerDensity,
} from './dwarfs/inversion.js'
export {
  type JeansTable,
  type JeansTracer,
  jeansInGnfw,
  jeansTable,
  lineOfSightDispersion,
  lineOfSightVariance,
  solveJeans,
} from './dwarfs/jeans.js'
export { type DwarfModel, makeDwarfModel } from './dwarfs/model.js'
export { dwarfParameters } from './dwarfs/parameters.js'
export { plummerRadius, plummerScale, plummerTracer } from './dwarfs/plummer.js'
export {
  type DwarfName,
  type DwarfPrior,
  type DwarfTheta,
  dwarfNames,
  dwarfPrior,
  fromCoordinates,
  fromUnitCube,
  type Interval,
  priorNames,
  priorWith,
  toCoordinates,
  toUnitCube,
} from './dwarfs/prior.js'
export {
  type DrawnDwarf,
  type DwarfOptions,
  drawDwarf,
  NoDistribution,
  observe,
  simulateDwarf,
} from './dwarfs/simulateDwarf.js'
export { type SpeedSampler, speedSampler } from './dwarfs/speeds.js'
export { drawStarCount, fewestStars, poisson, type StarCount } from './dwarfs/starCount.js'
export { drawStars, type PhaseSpace } from './dwarfs/stars.js'
export { drawVelocityErrors, mixedErrors, type VelocityErrors } from './dwarfs/velocityErrors.js'
export { type ClusterField, type ClusterFieldOptions, clusterField, randomParents } from './fields/clusterField.js'
export { type GaussianRandomField, gaussianRandomField } from './fields/gaussianRandomField.js'
export {
  exactTarget,
  fieldLikelihoodTarget,
  type KnownField,
  type Likelihood,
  type Theta,
} from './fields/knownField.js'
export {
  type Forward,
  gaussianField,
  inverseLaplacian,
  type LinearField,
  makeForward,
  scaleModes,
} from './halos/linearField.js'
export { checkGrid, type HaloOptions, type HaloSimulator, haloSimulator } from './halos/simulateHalos.js'
export { sobol } from './sobol.js'
export { designMatrix } from './tasks/bernoulliGlm.js'
export { readReference, referencesOf, type TaskReference } from './tasks/reference.js'
export type { Task } from './tasks/task.js'
export { taskNamed, tasks } from './tasks/tasks.js'
