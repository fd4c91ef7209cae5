import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type CloudInput, DataError, type Summary } from '../../../core/index.js'
import type { MethodReader } from '../reader.js'
import { describeSimulations, type SimulationStatistics } from '../simulationStatistics.js'
import { standardise } from '../standardise.js'
import type { Row } from './rows.js'

/** The form of a set of points as one row of numbers. */
export interface SetForm {
  /** the most points that a row holds */
  readonly points: number
  /** numbers of a point */
  readonly features: number
  /** neighbours of a point in its graph, 0 without */
  readonly neighbours: number
  /** the first so many features are the place */
  readonly places: number
}

/**
 * Numbers of a row: how many points there are, then `[points, features]` filled up with zeros, then
 * `[points, neighbours]` indices of senders, which float32 holds exactly. A row can lie in a file like a vector.
 */
export function setRowWidth({ points, features, neighbours }: SetForm): number {
  return 1 + points * (features + neighbours)
}

/**
 * Sets of points in rows, through a network that knows no order of them; how many there are is a condition of the
 * network and goes past it too.
 *
 * @param statistics of the channels of all points: `setStatistics`
 * @param network    reads clouds with features, positions, mask, one condition and, with neighbours, a graph
 */
export function setReader(
  form: SetForm,
  statistics: SimulationStatistics,
  network: Summary<CloudInput>,
): MethodReader<Row> {
  const { points, features, neighbours, places } = form
  const width = setRowWidth(form)
  const conditionOf = (count: Tensor) =>
    count
      .add(1)
      .log()
      .sub(Math.log(points + 1))
  return {
    encode(rows) {
      const n = rows.length
      const counts = Float32Array.from(rows, row => row[0])
      const values = new Float32Array(n * points * features)
      const senders = new Int32Array(n * points * neighbours)
      for (const [i, row] of rows.entries()) {
        values.set(row.subarray(1, 1 + points * features), i * points * features)
        senders.set(row.subarray(1 + points * features, width), i * points * neighbours)
      }
      return {
        count: { shape: [n, 1], values: counts },
        points: { shape: [n, points, features], values },
        ...(neighbours > 0 && { senders: { shape: [n, points, neighbours], values: senders } }),
      }
    },
    summary: {
      outputs: network.outputs + 1,
      init: network.init,
      apply(params, { count, points: given, senders }) {
        const rows = count.shape[0]
        const mask = tf.range(0, points, 1, 'float32').reshape([1, points]).less(count).cast('float32')
        const flat = standardise(statistics, given.reshape([rows * points, features]))
        const values = flat.reshape([rows, points, features]).mul(mask.expandDims(2))
        const condition = conditionOf(count)
        const graph = senders ? withGraph(values, senders, places) : { positions: values }
        return tf.concat([network.apply(params, { ...graph, features: values, mask, condition }), condition], 1)
      },
    },
  }
}

function withGraph(values: Tensor, senders: Tensor, places: number) {
  const [rows, points, neighbours] = senders.shape as [number, number, number]
  const positions = values.slice([0, 0, 0], [rows, points, places])
  // where the points of each row begin among those of all
  const first = tf.range(0, rows * points, points, 'int32').reshape([rows, 1, 1])
  const there = tf
    .gather(positions.reshape([rows * points, places]), senders.add(first).reshape([-1]))
    .reshape([rows, points, neighbours, places])
  return { positions, senders, displacements: there.sub(positions.expandDims(2)) }
}

/**
 * Statistics of the channels of all points of some sets, as `setReader` standardises them.
 *
 * @param x `[rows, setRowWidth]`
 * @throws DataError for fewer than two points in all
 */
export function setStatistics(x: Float32Array, parameters: number, form: SetForm): SimulationStatistics {
  const { features } = form
  const width = setRowWidth(form)
  const flat: number[] = []
  for (let at = 0; at < x.length; at += width) {
    const end = at + 1 + x[at] * features
    for (let i = at + 1; i < end; i++) flat.push(x[i])
  }
  const rows = flat.length / features
  if (rows < 2) throw new DataError('expected sets with points', `got ${rows} points in all`, 'check the file')
  const { centre, scale, whole } = describeSimulations({ rows, z: new Float32Array(rows), x: Float32Array.from(flat) })
  return { parameters, observations: features, elements: 1, centre, scale, whole }
}
