import type { CommonOptions } from '../../pipelines/run/context.js'

/** What every command takes, quietly, on one thread. */
export const common: CommonOptions = {
  ...{ resume: false, seed: 1, threads: 1, device: 'cpu', extrapolate: false, set: [] },
  ...{ json: false, quiet: true, verbose: false, force: false },
}
