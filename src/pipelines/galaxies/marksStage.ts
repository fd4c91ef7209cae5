import { existsSync } from 'node:fs'
import type { Field } from '../../core/index.js'
import { MARK_BASIS } from '../../gnn/marks/index.js'
import { inOrder } from '../stream/index.js'
import { fitMarks, loadMarks, type MarksModel, saveMarks } from './marks/index.js'
import { spread, type TrainStage } from './trainStage.js'

/**
 * Masses and velocities given positions, of a run whose data have both: fitted once, then read from their file. None where the configuration
 * does without or where the box is too small for them.
 */
export async function marksOf({ folder, config, data, split, key, context }: TrainStage): Promise<MarksModel | undefined> {
  if (!config.marks.use) return undefined
  const least = 4 * MARK_BASIS.reach
  if (!data.marks || data.box < least) {
    const why = data.marks ? `the box of ${data.box} Mpc/h is below ${least}` : 'the data have none'
    context.log.info(`no masses and velocities in this model: ${why}`)
    return undefined
  }
  const path = folder.file('marks.safetensors')
  if (existsSync(path)) return loadMarks(path)
  const indices = spread(split.training, config.marks.fields)
  const fields = async function* (): AsyncGenerator<Field> {
    for await (const { item } of inOrder(data, indices)(context.signal)) yield item
  }
  // moments of each field, two solves, then what is left of some of them
  const progress = context.progress(0, `fitting masses and velocities on ${indices.length} fields`)
  try {
    const model = await fitMarks(fields(), {
      seed: key.split('marks').words[0],
      signal: context.signal,
      onProgress: () => progress.advance(),
    })
    saveMarks(path, model)
    return model
  } finally {
    progress.stop()
  }
}
