import type { GalaxiesFacts } from '../../../pipelines/galaxies/card.js'
import { type EvaluateOptions, planEvaluation } from '../../../pipelines/galaxies/evaluate.js'
import { type InferOptions, planInference } from '../../../pipelines/galaxies/inference/infer.js'
import { planSampling, type SampleOptions } from '../../../pipelines/galaxies/sample.js'
import { planSimulation, type SimulateOptions } from '../../../pipelines/galaxies/simulate.js'
import { planTraining, type TrainOptions } from '../../../pipelines/galaxies/train.js'
import { evaluate, infer, type RunContext, sample, simulate, train } from '../../../pipelines/index.js'
import type { CommonOptions } from '../../../pipelines/run/context.js'
import type { TrainOptions as CommonTrainOptions } from '../../../pipelines/verbs/train.js'
import { common as quietly } from '../common.js'

const common: CommonOptions = { ...quietly, seed: 0 }

/** Training of the pair score alone, or with the settings given. */
export function trainOptions(
  data: readonly string[],
  out: string,
  set: readonly string[] = [],
  preset = 'pairs',
): TrainOptions & CommonTrainOptions & { readonly data: readonly string[]; readonly out: string } {
  return { ...common, data, out, set, preset }
}

export function sampleOptions(run: string, out: string, changes: Partial<SampleOptions> = {}): SampleOptions {
  return { ...common, threads: 1, run, out, fiducialRest: false, n: 2, steps: 4, sampler: 'heun-sde', ...changes }
}

/** What training says in `--json`. */
export type Trained = GalaxiesFacts & { readonly run: string; readonly steps: number; readonly loss: number }

/** `stipple galaxies train`. @returns what `--json` holds */
export async function trainGalaxies(options: TrainOptions & CommonTrainOptions, context: RunContext): Promise<Trained> {
  const result: unknown = await train('galaxies', () => planTraining(options), options, context)
  return result as Trained
}

export function sampleGalaxies(options: SampleOptions, context: RunContext): Promise<void> {
  return sample('galaxies', () => planSampling(options, context), options, context)
}

export function simulateGalaxies(options: SimulateOptions, context: RunContext): Promise<void> {
  return simulate('galaxies', () => planSimulation(options, context), options, context)
}

export function inferField(options: InferOptions, context: RunContext): Promise<void> {
  return infer('galaxies', () => planInference(options, context), options, context)
}

export function evaluateGalaxies(options: EvaluateOptions, context: RunContext): Promise<void> {
  return evaluate('galaxies', () => planEvaluation(options, context), options, context)
}

export { fieldsIn, writeFields } from '../../io/galaxies/files.js'
