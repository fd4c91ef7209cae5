import { UsageError } from '../../core/index.js'
import type { RunContext } from '../run/index.js'
import { refuseSettings } from '../run/index.js'
import { evaluateRun } from './evaluateRun.js'
import { evaluateTask } from './evaluateTask.js'
import type { EvaluateOptions } from './options.js'

/**
 * `stipple densities evaluate`: either a method on a standard task, beside its reference posterior (`--task`), or a run
 * on simulations that it has not seen (`--run --data`): coverage, ranks (SBC), TARP, errors and log-scores.
 */
export async function evaluateDensities(options: EvaluateOptions, context: RunContext): Promise<void> {
  const { task, run, data } = options
  if (options.resume)
    throw new UsageError('expected evaluate without --resume', 'got it', 'leave it away: it leaves no parts')
  if (task !== undefined && run !== undefined) {
    throw new UsageError('expected either --task or --run', 'got both', 'a task trains a method of its own')
  }
  if (task !== undefined) {
    if (data.length > 0)
      throw new UsageError('expected --data with --run', 'got it with --task', 'leave one of them away')
    return evaluateTask(task, options, context)
  }
  if (run === undefined) {
    throw new UsageError('expected --task, or --run with --data', 'got neither', 'write for example --task two_moons')
  }
  if (data.length === 0)
    throw new UsageError('expected --data with --run', 'got none', 'give simulations that it has not seen')
  if (options.method !== undefined) {
    throw new UsageError('expected --method with --task', 'got it with --run', 'leave it away: the run has its own')
  }
  refuseSettings(options)
  return evaluateRun(run, options, context)
}
