import type { SampleOptions, TrainOptions } from '../../../pipelines/galaxies/index.js'

const common = {
  resume: false,
  seed: 0,
  threads: 1,
  device: 'cpu',
  extrapolate: false,
  set: [],
  json: false,
  quiet: true,
  verbose: false,
  force: false,
} as const

/** Training of the pair score alone, or with the settings given. */
export function trainOptions(
  data: readonly string[],
  out: string,
  set: readonly string[] = [],
  preset = 'pairs',
): TrainOptions {
  return { ...common, data, out, set, preset }
}

export function sampleOptions(run: string, out: string, changes: Partial<SampleOptions> = {}): SampleOptions {
  return { ...common, threads: 1, run, out, fiducialRest: false, n: 2, steps: 4, sampler: 'heun-sde', ...changes }
}
