import { fileURLToPath } from 'node:url'
import { UsageError } from '../../core/index.js'
import { readSafetensors } from '../../io/index.js'

/**
 * What the benchmark publishes with a task: an observation, the theta behind it, and draws of its posterior made
 * without a network.
 */
export interface TaskReference {
  /** `[d]` */
  readonly observation: Float64Array
  /** `[p]` */
  readonly truth: Float64Array
  /** `[10000, p]` */
  readonly draws: Float64Array
}

/** The benchmark's number of each observation that ships. */
const shipped: Readonly<Record<string, readonly number[]>> = {
  two_moons: [1, 2],
  slcp: [1, 2],
  slcp_distractors: [1, 2],
  gaussian_linear: [1],
  gaussian_linear_uniform: [1],
  gaussian_mixture: [1, 2],
  bernoulli_glm: [1],
  bernoulli_glm_raw: [1],
  sir: [1, 2],
  lotka_volterra: [1, 2],
}

/** Two tasks record more of the same observation than another task does, and share its posterior. */
const shared: Readonly<Record<string, readonly [file: string, tensor: string]>> = {
  slcp_distractors: ['slcp', 'observation_distractors'],
  bernoulli_glm_raw: ['bernoulli_glm', 'observation_raw'],
}

/** Numbers of the observations of a task whose reference ships. */
export function referencesOf(task: string): readonly number[] {
  return shipped[task] ?? []
}

/**
 * The reference of a task: sbi-benchmark/sbibm at f0bc4403, MIT licence; Lueckmann et al. 2021, arXiv 2101.04653,
 * describe how each was made.
 *
 * @throws UsageError where none ships
 */
export function readReference(task: string, observation: number): TaskReference {
  const known = referencesOf(task)
  if (!known.includes(observation))
    throw new UsageError(
      `expected an observation of ${task} whose reference posterior ships`,
      `got ${observation}`,
      known.length > 0 ? `choose one of ${known.join(', ')}` : `choose a task of ${Object.keys(shipped).join(', ')}`,
    )
  const [file, tensor] = shared[task] ?? [task, 'observation']
  const { tensors } = readSafetensors(dataFile(`${file}-${observation}.safetensors`))
  const values = (name: string) => Float64Array.from(tensors[name].values as Float32Array)
  return { observation: values(tensor), truth: values('true_parameters'), draws: values('reference_posterior_samples') }
}

/** The path of a file of data/sbi, beside the package's code. */
export function dataFile(name: string): string {
  return fileURLToPath(new URL(`../../../data/sbi/${name}`, import.meta.url))
}
