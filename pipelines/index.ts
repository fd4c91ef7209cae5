/**
 * Science cases and what works on them: the verbs of the command line as functions, the models that ship, and
 * posteriors from rows of one's own.
 *
 *     import { drawFields, loadGalaxiesModel, quietContext, shippedRun } from 'stippling/cases'
 *     import { makeKey } from 'stippling/core'
 *
 *     const run = shippedRun('galaxies') ?? ''
 *     const { box, points } = await loadGalaxiesModel(run)
 *     const thetas = [{ omega_m: 0.3, omega_b: 0.05, h: 0.7, n_s: 0.96, sigma_8: 0.8 }]
 *     const how = { sampler: 'heun', steps: 2, device: 'cpu', threads: 2, label: 'drawing' } as const
 *     const key = makeKey(1)
 *     const { fields } = await drawFields({ run, box, thetas, points, key, ...how }, quietContext(key))
 *     fields[0].positions   // [points, 3] in Mpc/h
 *
 * @module
 */

// What a case is, and what a verb does with it

export {
  type Block,
  type Calibrating,
  type Case,
  type CaseVerb,
  caseVerb,
  type Evaluated,
  type Evaluation,
  type Inference,
  type Learned,
  type Learning,
  type Maker,
  type Making,
  type OpenPosterior,
  type Report,
  type Science,
  type Stage,
  type VerbName,
  verbNames,
} from './case.js'
export {
  choice,
  commonOptions,
  flag,
  type OptionSpecs,
  type OptionValues,
  real,
  text,
  texts,
  whole,
} from './options.js'
export { type CommonOptions, quietContext, type RunContext } from './run/context.js'
export { shippedRun } from './run/shipped.js'
export { evaluate } from './verbs/evaluate.js'
export { infer } from './verbs/infer.js'
export { sample } from './verbs/sample.js'
export { simulate } from './verbs/simulate.js'
export { type Trained, train } from './verbs/train.js'

// Halo fields

export { type DrawRequest, type DrawResult, drawFields } from './galaxies/draw.js'
export { checkTheta, type GalaxiesModel, loadGalaxiesModel } from './galaxies/model.js'

// Dwarf galaxies

export { type DwarfsModel, loadDwarfsModel } from './dwarfs/model.js'

// Rows of numbers

export { type DensitiesConfig, densitiesConfig, densitiesPresets } from './densities/config.js'
export { type DensitiesModel, loadDensitiesModel } from './densities/model.js'
export { type Rounds, type RoundsTask, simulateRounds } from './densities/rounds.js'
export { type CommandOptions, commandSimulator } from './densities/simulator/commandSimulator.js'
export { functionSimulator, type SimulatorFunction } from './densities/simulator/functionSimulator.js'
export { type Failures, type SimulationsMade, simulateRows } from './densities/simulator/simulateRows.js'
export type { Outcome, Simulator } from './densities/simulator/simulator.js'
export { type SimulatedRows, type TrainedOnRows, trainOnRows } from './densities/trainedRows.js'
