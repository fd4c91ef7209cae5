import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { DataError, type ParameterPrior, UsageError } from '../../core/index.js'
import {
  describeSimulations,
  type Method,
  makeMethod,
  type SimulationStatistics,
  type SimulationTable,
  type Summary,
} from '../../generative/sbi/index.js'
import { makeEmbedding } from '../../gnn/embeddings/index.js'
import type { DensitiesConfig } from './config.js'
import { type ObservationLayout, rowWidth } from './layout.js'

/**
 * What counts and indices of a set are divided by: so they stay below the scales where a method begins to draw numbers
 * in, and come back whole.
 */
const INDEX_SCALE = 2 ** 20

/**
 * Statistics of the training simulations: of a vector's columns, or of the channels of all points of a set.
 *
 * @param elements of a vector: how many independent draws of one law it is
 */
export function statisticsOf(
  sample: SimulationTable,
  layout: ObservationLayout,
  elements: number,
): SimulationStatistics {
  if (layout.kind === 'vector') return describeSimulations(sample, elements)
  const { points, features } = layout
  const width = rowWidth(layout)
  const values = Array.from({ length: features }, () => [] as number[])
  for (let row = 0; row < sample.rows; row++) {
    const count = sample.x[row * width]
    for (let i = 0; i < count; i++)
      for (let f = 0; f < features; f++) values[f].push(sample.x[row * width + 1 + i * features + f])
  }
  const rows = values[0].length
  if (rows < 2) throw new DataError('expected sets with points', `got ${rows} points in all`, 'check the file')
  const flat = new Float32Array(rows * features)
  for (let f = 0; f < features; f++) for (let i = 0; i < rows; i++) flat[i * features + f] = values[f][i]
  const channels = describeSimulations({ rows, z: new Float32Array(rows), x: flat })
  const of = (column: number, ofFeature: readonly number[], otherwise: number) =>
    column > 0 && column <= points * features ? ofFeature[(column - 1) % features] : otherwise
  return {
    parameters: sample.z.length / sample.rows,
    observations: width,
    elements: 1,
    centre: Array.from({ length: width }, (_, column) => of(column, channels.centre, 0)),
    scale: Array.from({ length: width }, (_, column) => of(column, channels.scale, INDEX_SCALE)),
    whole: Array.from({ length: width }, () => false),
  }
}

/**
 * The method that a configuration asks for, made for these simulations. @throws UsageError where the method cannot
 * learn sets
 */
export function learnerOf(
  config: DensitiesConfig,
  prior: ParameterPrior,
  statistics: SimulationStatistics,
  layout: ObservationLayout,
): Method {
  if (layout.kind === 'set' && config.method === 'nle') {
    throw new UsageError(
      'expected --method npe, nre, fmpe or npse for sets of points',
      'got nle, which learns the density of x itself',
      'choose another method, or summarise the sets in numbers',
    )
  }
  const summary = layout.kind === 'set' ? setSummary(config, layout) : undefined
  return makeMethod(config.method, { prior, statistics, summary, ...config.network })
}

/** Whether an embedding wants the neighbours of every point. */
export function neighboursOf({ embedding }: DensitiesConfig): number {
  return embedding.kind === 'chebyshev' || embedding.kind === 'message-passing' ? embedding.neighbours : 0
}

/**
 * A set, as a standardised row, through an embedding that knows no order of points; how many there are goes past it.
 */
function setSummary(
  { embedding }: DensitiesConfig,
  layout: Extract<ObservationLayout, { kind: 'set' }>,
): Summary<Tensor> & { readonly outputs: number } {
  const { points, features, neighbours, places } = layout
  const embed = makeEmbedding({ ...embedding, features, conditions: 1 })
  const seen = (x: Tensor) => {
    const rows = x.shape[0]
    const [counts, flat, indices] = tf.split(x, [1, points * features, points * neighbours], 1)
    const count = counts.mul(INDEX_SCALE).round()
    const mask = tf.range(0, points, 1, 'float32').reshape([1, points]).less(count).cast('float32')
    const values = flat.reshape([rows, points, features]).mul(mask.expandDims(2))
    const condition = count
      .add(1)
      .log()
      .sub(Math.log(points + 1))
    if (neighbours === 0) return { features: values, positions: values, mask, condition }
    const senders = indices.mul(INDEX_SCALE).round().cast('int32').reshape([rows, points, neighbours])
    const positions = values.slice([0, 0, 0], [rows, points, places])
    const there = tf
      .gather(positions.reshape([rows * points, places]), senders.add(offsets(rows, points)).reshape([-1]))
      .reshape([rows, points, neighbours, places])
    return { features: values, positions, mask, condition, senders, displacements: there.sub(positions.expandDims(2)) }
  }
  return {
    outputs: embedding.outputs + 1,
    init: key => embed.init(key),
    apply(params, x) {
      const input = seen(x)
      return tf.concat([embed.apply(params, input), input.condition], 1)
    },
  }
}

/** `[rows, 1, 1]` where the points of each row begin among those of all. */
function offsets(rows: number, points: number): Tensor {
  return tf.range(0, rows * points, points, 'int32').reshape([rows, 1, 1])
}
