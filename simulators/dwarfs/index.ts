export { drawBinaryVelocities } from './binaries.js'
export { type MixedStars, mixForeground, type ObservedStars } from './contaminants.js'
export {
  type DwarfDistribution,
  distributionFunction,
  type NegativeDistribution,
  type ValidDistribution,
} from './distributionFunction.js'
export { type Gnfw, type GnfwShape, makeGnfw, massesOnGrid, newtonG } from './gnfw.js'
export { haloPotential } from './haloPotential.js'
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
} from './inversion.js'
export {
  type JeansTable,
  type JeansTracer,
  jeansInGnfw,
  jeansTable,
  lineOfSightDispersion,
  lineOfSightVariance,
  solveJeans,
} from './jeans.js'
export { type DwarfModel, makeDwarfModel } from './model.js'
export { dwarfParameters } from './parameters.js'
export { plummerRadius, plummerScale, plummerTracer } from './plummer.js'
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
} from './prior.js'
export {
  type DrawnDwarf,
  type DwarfOptions,
  drawDwarf,
  NoDistribution,
  observe,
  simulateDwarf,
} from './simulateDwarf.js'
export { type SpeedSampler, speedSampler } from './speeds.js'
export { drawStarCount, fewestStars, poisson, type StarCount } from './starCount.js'
export { drawStars, type PhaseSpace } from './stars.js'
export { drawVelocityErrors, mixedErrors, type VelocityErrors } from './velocityErrors.js'
