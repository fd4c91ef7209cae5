export { type ConditionalDensity, conditionalDensity, type FlowShape } from './conditionalDensity.js'
export { fitLinearGaussian, type LinearGaussian, residualsGiven } from './linearGaussian.js'
export { type MethodOptions, makeMethod, makeRowMethod } from './makeMethod.js'
export type { Method, SimulationTensors } from './method.js'
export { methodBatch, methodLoss } from './methodBatch.js'
export { type MethodName, methodNames, methods } from './methodNames.js'
export { type FmpeOptions, fmpe } from './methods/fmpe.js'
export { type NleOptions, nle } from './methods/nle.js'
export { type NpeOptions, npe } from './methods/npe.js'
export { type NpseOptions, npse } from './methods/npse.js'
export { type NreOptions, nre } from './methods/nre.js'
export type { ReaderOptions, RowOptions } from './methods/options.js'
export { ensembleInZ, type LearnedPosterior, type PosteriorInZ, posteriorInTheta } from './posteriorInZ.js'
export type { LinearStart, MethodReader, ObservationTensors } from './reader.js'
export { type Row, type RowReaderOptions, rowReader, simulationsOf } from './readers/rows.js'
export { type SetForm, setReader, setRowWidth, setStatistics } from './readers/sets.js'
export { type RowNetwork, residualMlp } from './residualMlp.js'
export { nextRound, type Proposals, type RoundOptions, truncatedPrior } from './sequential.js'
export {
  describeSimulations,
  type SimulationStatistics,
  type SimulationTable,
  standardised,
} from './simulationStatistics.js'
export {
  type Simulations,
  type TrainedMethod,
  type TrainMethodOptions,
  trainingDefaults,
  trainingPlan,
  trainMethod,
} from './trainMethod.js'
