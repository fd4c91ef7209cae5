import { existsSync } from 'node:fs'
import { uniform, wrapPositions } from '../../core/index.js'
import { MARK_BASIS } from '../../gnn/marks/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { inOrder } from '../stream/index.js'
import { drawByLadder } from './ladderDraw.js'
import type { LadderModel } from './ladderModel.js'
import { type DrawnBeside, fitMarks, loadMarks, type MarksModel, matchDrawn, saveMarks } from './marks/index.js'
import { spread, type TrainStage } from './trainStage.js'

/** Fields drawn to see how velocities must change for drawn points: some dozens tell what is common to all. */
const matchedFields = 72

/**
 * Masses and velocities given positions, of a run whose data have both: fitted once, then read from their file. None
 * where the configuration does without or where the box is too small for them.
 */
export async function marksOf(
  { folder, config, data, split, key, context }: TrainStage,
  ladder?: LadderModel,
): Promise<MarksModel | undefined> {
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
    const own = key.split('marks')
    const onField = () => progress.advance()
    const fitted = await fitMarks(fields(), { seed: own.words[0], signal: context.signal, onProgress: onField })
    const beside = async function* (by: LadderModel): AsyncGenerator<DrawnBeside> {
      const wanted = spread(indices, matchedFields)
      for await (const { item: field, index } of inOrder(data, wanted)(context.signal)) {
        const start = uniform(own.split('start').split(index), field.points * 3).map(u => u * data.box)
        const steps = own.split('steps').split(index)
        const { lifted } = await drawByLadder(by, field.theta, { start, box: data.box, uniformFrom: 1 }, steps)
        yield { field, drawn: wrapPositions(Float32Array.from(lifted), field.box) }
      }
    }
    const model = ladder
      ? await matchDrawn(fitted, beside(ladder), { seed: own.words[1], signal: context.signal, onField })
      : fitted
    saveMarks(path, model)
    return model
  } finally {
    progress.stop()
  }
}
