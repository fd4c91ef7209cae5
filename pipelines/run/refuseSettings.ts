import { UsageError } from '../../core/errors.js'
import type { CommonOptions } from './context.js'

/**
 * For verbs that use a trained model: how it was made is in its run folder, and a setting given now would be believed
 * and not heard.
 *
 * @throws UsageError that names the option
 */
export function refuseSettings({ preset, config, set }: Pick<CommonOptions, 'preset' | 'config' | 'set'>): void {
  const given =
    preset !== undefined
      ? `--preset ${preset}`
      : config !== undefined
        ? `--config ${config}`
        : set[0] && `--set ${set[0]}`
  if (!given) return
  throw new UsageError(
    'expected no settings of training, which are those of the run',
    `got ${given}`,
    'leave it away, or give it to train',
  )
}
