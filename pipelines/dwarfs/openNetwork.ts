import type { Dwarf } from '../../io/dwarfs/index.js'
import { unusualIn } from '../answers/unusualIn.js'
import type { OpenPosterior } from '../case.js'
import type { EmbeddedMethod } from '../learn/methodNames.js'
import { requireOwnMethod, runOrShipped } from '../run/shipped.js'
import { type DwarfsModel, loadDwarfsModel } from './model.js'

/** The trained network of the run, or of what ships. @throws UsageError for the method of another run */
export async function openNetwork({
  method,
  run,
  threads,
}: {
  /** the run's own where none is named */
  readonly method?: EmbeddedMethod
  readonly run?: string
  readonly threads: number
}): Promise<{ readonly model: DwarfsModel; readonly opened: OpenPosterior<Dwarf> }> {
  const model = await loadDwarfsModel(runOrShipped('dwarfs', run))
  requireOwnMethod(model.config.method, method)
  const posterior = model.method.posterior(model.members, { threads })
  return {
    model,
    opened: {
      posterior,
      method: model.config.method,
      ...unusualIn<Dwarf>(model.region, posterior.summaries, {
        sizeOf: ({ stars }) => stars,
        noun: { one: 'galaxy', many: 'galaxies' },
        among: 'simulated galaxies of about as many stars',
        advice: 'compare --method jeans',
      }),
    },
  }
}
