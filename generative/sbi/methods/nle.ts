import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, makeKey, type Tree, uniform } from '../../../core/index.js'
import { asTensor, fixed } from '../../flow/fixed.js'
import type { TemperedOptions } from '../../posterior/tempered/temperedDraws.js'
import { conditionalDensity, type FlowShape } from '../conditionalDensity.js'
import { likelihoodInZ } from '../likelihoodInZ.js'
import type { Method } from '../method.js'
import { posteriorInTheta } from '../posteriorInZ.js'
import { type Row, type RowReaderOptions, readRows, requireLength, rowReader } from '../readers/rows.js'
import { standardise, tellTwice } from '../standardise.js'
import type { RowOptions } from './options.js'

export interface NleOptions extends RowOptions, RowReaderOptions, FlowShape {
  readonly sampling?: TemperedOptions
}

/** Places within whole numbers at which their density is averaged. */
const viewsOfZ = 2

/**
 * Neural likelihood estimation: a flow q(x | z), and the posterior q(x | z) N(z) by tempering (Papamakarios, Sterratt
 * and Murray 2019, arXiv 1805.07226).
 *
 * Columns of whole numbers only are spread evenly over [x, x + 1) while the flow learns, or its density would grow
 * without bound; the chance of a number is then the mean of the density over that interval (Theis, van den Oord and
 * Bethge 2016, arXiv 1511.01844, section 3.1), which is taken at 2 places.
 *
 * Where an observation is several independent draws of the same law (`statistics.elements`), the flow learns one draw
 * and the logarithms add; draws that are absent (NaN) add nothing.
 */
export function nleMethod(options: NleOptions): Method<Row> {
  const { statistics, start = 'linear', width: readWidth = 64, blocks = 2, sampling } = options
  const { parameters, observations, elements } = statistics
  const width = observations / elements
  const each = { ...statistics, observations: width }
  const regression = start === 'linear' ? statistics.likelihood : undefined
  const density = conditionalDensity<Tensor>({
    ...options,
    dim: width,
    summary: readRows(2 * parameters, readWidth, blocks),
    start: regression && { regression, width: 2 * parameters, numbers: z => z },
  })
  const isWhole = statistics.whole.some(Boolean)
  const whole = fixed([observations], i => (statistics.whole[i] ? 1 : 0))
  /** x `[batch, observations]` given z `[batch, parameters]` */
  const logLikelihood = (params: Tree<Tensor>, x: Tensor, read: Tensor): Tensor => {
    const batch = read.shape[0]
    if (elements === 1) return density.logProb(params, standardise(each, x), read)
    const rows = x.reshape([batch * elements, width])
    const present = tf.isNaN(rows).any(1).logicalNot()
    const known = tf.where(present.expandDims(1), rows, asTensor(fixed([width], i => each.centre[i])))
    const repeated = read
      .expandDims(1)
      .tile([1, elements, 1])
      .reshape([batch * elements, read.shape[1]!])
    const logs = density.logProb(params, standardise(each, known), repeated)
    return logs.mul(present.cast('float32')).reshape([batch, elements]).sum(1)
  }
  const views = isWhole ? viewsOfZ : 1
  // The same places for every observation, spread evenly along each axis in its own order.
  const places = Float32Array.from({ length: views * observations }, (_, i) => {
    const [view, column] = [Math.floor(i / observations), i % observations]
    const turn = Math.floor(views * uniform(makeKey(column), 1)[0])
    return statistics.whole[column] ? (((view * (column % 2 === 0 ? 1 : views - 1) + turn) % views) + 0.5) / views : 0
  })
  const inZ: Method<Row>['inZ'] = (members, { threads }) => {
    return likelihoodInZ<Row>({
      members,
      dim: parameters,
      shapes: [[views, observations]],
      prepare: async x => {
        requireLength(x, observations)
        const values = Float32Array.from(places, (place, i) => x[i % observations] + place)
        return [{ shape: [views, observations], values }]
      },
      program(params, [x], z) {
        const batch = z.shape[0]
        const read = density.read(params, tellTwice(z))
        const logs = tf.split(x, views, 0).map(view => logLikelihood(params, view.tile([batch, 1]), read))
        return views === 1 ? logs[0] : tf.logSumExp(tf.stack(logs, 1), 1).sub(Math.log(views))
      },
      threads,
      sampling,
    })
  }
  return {
    name: 'nle',
    reader: rowReader(statistics),
    init: density.init,
    noise: (key, rows): Record<string, ArrayValue> =>
      isWhole ? { spread: { shape: [rows, observations], values: uniform(key, [rows, observations]) } } : {},
    loss(params, { z, observation: { x }, noise }) {
      const spread = isWhole ? x.add(noise.spread.mul(asTensor(whole))) : x
      return {
        loss: logLikelihood(params, spread, density.read(params, tellTwice(z)))
          .mean()
          .neg(),
      }
    },
    inZ,
    posterior: (members, how) => posteriorInTheta(options.parameters, inZ(members, how)),
  }
}
