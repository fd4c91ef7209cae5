import { UsageError } from '../../core/index.js'
import { type Device, requireDevice } from '../../engine/index.js'
import type { CommonOptions } from '../run/context.js'

/**
 * For verbs that use a trained model: how it was made is in its run folder, and a setting given now would be believed
 * and not read.
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
    'omit it, or give it to train',
  )
}

/** @throws UsageError where --resume is given to a verb that leaves nothing to resume */
export function refuseResume(verb: string, { resume }: Pick<CommonOptions, 'resume'>): void {
  if (resume) throw new UsageError(`expected ${verb} without --resume`, 'got it', 'omit it: nothing is left to resume')
}

/** @throws UsageError where the machine lacks the device, or the work cannot use it */
export async function requireOneOf(devices: readonly Device[], device: Device, verb: string): Promise<void> {
  await requireDevice(device)
  if (devices.includes(device)) return
  throw new UsageError(`expected --device ${devices.join(' or ')} for ${verb}`, `got ${device}`, 'omit it')
}
