import { requireDevice } from '../../engine/index.js'
import type { Making } from '../case.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { makeObjects } from './making.js'
import { refuseSettings } from './refusals.js'

/** `stipple SUBJECT sample`: new objects by a trained model, see `makeObjects`. */
export async function sample(
  _subject: string,
  plan: () => Promise<Making<unknown>>,
  options: CommonOptions,
  context: RunContext,
): Promise<void> {
  refuseSettings(options)
  await requireDevice(options.device)
  return makeObjects(plan, options, context)
}
