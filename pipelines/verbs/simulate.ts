import type { Making } from '../case.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { makeObjects } from './making.js'

/** `stipple SUBJECT simulate`: objects x ~ p(x | theta) by a forward model, see `makeObjects`. */
export function simulate(
  _subject: string,
  plan: () => Promise<Making<unknown>>,
  options: CommonOptions,
  context: RunContext,
): Promise<void> {
  return makeObjects(plan, options, context)
}
