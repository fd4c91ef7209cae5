import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue } from '../../../core/index.js'
import type { TemperedOptions } from '../../posterior/tempered/temperedDraws.js'
import { residualCoordinates } from '../conditionalDensity.js'
import { likelihoodInZ } from '../likelihoodInZ.js'
import type { Method } from '../method.js'
import { objectProgram } from '../objectProgram.js'
import { posteriorInTheta } from '../posteriorInZ.js'
import type { ObservationTensors } from '../reader.js'
import { residualMlp } from '../residualMlp.js'
import { tellTwice } from '../standardise.js'
import type { ReaderOptions } from './options.js'

export interface NreOptions<O> extends ReaderOptions<O> {
  /** of the network that judges pairs, twice as wide; default 64 */
  readonly width?: number
  /** its residual blocks; default 2 */
  readonly blocks?: number
  /** other z that each x is contrasted with; default 16, fewer in batches that are smaller */
  readonly contrasts?: number
  readonly sampling?: TemperedOptions
}

type Params<T> = { readonly summary: T; readonly judge: T }

/**
 * Neural ratio estimation, contrastive (NRE-C): a network h(x, z) that tells pairs drawn together from pairs drawn
 * apart learns log p(x | z) / p(x), and not, as NRE-B, up to a function of x. Miller, Weniger and Forré 2022, arXiv
 * 2210.06170, equations 8 to 11 with gamma = 1. The posterior N(z) exp h by tempering.
 *
 * A batch is in random order, so that its other rows, taken by rolling, are draws of the prior. Beside z and x the
 * network sees the residuals of the linear regression of z on x, and its answer is added to the log-ratio that the
 * regression gives.
 */
export function nreMethod<O>(options: NreOptions<O>): Method<O> {
  const { parameters, reader, width = 64, blocks = 2, contrasts = 16, sampling } = options
  const { summary, start } = reader
  const dim = parameters.names.length
  const coordinates = start && residualCoordinates(start.regression, dim, start.width)
  const inputs = summary.outputs + dim * (coordinates ? 3 : 2)
  const judge = residualMlp({ inputs, outputs: 1, width: 2 * width, blocks, silent: true })

  const readWidth = summary.outputs + (coordinates ? dim : 0)

  /** What is known of the observation before z: its summary, and the centre of the regression. */
  const read = (params: Params<Tensor>, observation: ObservationTensors): Tensor => {
    const seen = summary.apply(params.summary, observation)
    return start && coordinates ? tf.concat([coordinates.centre(start.numbers(observation)), seen], 1) : seen
  }
  /** log-ratio `[batch]` */
  const ratio = (params: Params<Tensor>, seen: Tensor, z: Tensor): Tensor => {
    if (!coordinates) return judge.apply(params.judge, tf.concat([tellTwice(z), seen], 1)).reshape([-1])
    const [centre, rest] = tf.split(seen, [dim, summary.outputs], 1)
    const residual = coordinates.residual(z, centre)
    const linear = z.square().sum(1).sub(residual.square().sum(1)).mul(0.5).sub(coordinates.logScale)
    // Far from where pairs lie the residuals say no more than that.
    const bounded = residual.clipByValue(-8, 8)
    return judge
      .apply(params.judge, tf.concat([tellTwice(z), bounded, rest], 1))
      .reshape([-1])
      .add(linear)
  }
  const inZ: Method<O>['inZ'] = (members, { threads }) => {
    const readers = members.map(params =>
      objectProgram({ params, reader, program: (p, seen) => read(p as Params<Tensor>, seen), threads }),
    )
    return likelihoodInZ<O>({
      members,
      dim,
      shapes: members.map(() => [1, readWidth]),
      async prepare(observation) {
        const rows: ArrayValue[] = []
        for (const one of readers) rows.push({ shape: [1, readWidth], values: (await one.run([observation]))[0] })
        return rows
      },
      program: (params, seen, z, member) => ratio(params as Params<Tensor>, seen[member].tile([z.shape[0], 1]), z),
      threads,
      sampling,
      summaries: readers[0].run,
      async close() {
        for (const one of readers) await one.close()
      },
    })
  }
  return {
    name: 'nre',
    reader,
    init: key => ({ summary: summary.init(key.split('summary')), judge: judge.init(key.split('judge')) }),
    noise: () => ({}),
    loss(tree, { z, observation }) {
      const params = tree as Params<Tensor>
      const rows = z.shape[0]
      const count = Math.min(contrasts, rows - 1)
      const seen = read(params, observation)
      const rolled = (by: number): Tensor => (by === 0 ? z : tf.concat(tf.split(z, [rows - by, by], 0).reverse(), 0))
      const pairs = tf.concat(
        Array.from({ length: count + 1 }, (_, by) => rolled(by)),
        0,
      )
      const logs = ratio(params, seen.tile([count + 1, 1]), pairs).reshape([count + 1, rows])
      const [own, rolledOnes] = tf.split(logs, [1, count], 0)
      const others = withoutNegligible(rolledOnes, own)
      // "None of them was drawn with x" has the weight of all `count` others.
      const none = tf.fill([1, rows], Math.log(count))
      const apart = tf.logSumExp(tf.concat([none, others], 0), 0).sub(Math.log(count))
      const together = tf.logSumExp(tf.concat([none, own, others.slice([0, 0], [count - 1, rows])], 0), 0)
      return {
        loss: apart
          .add(together.sub(own.reshape([rows])))
          .mean()
          .mul(0.5),
      }
    },
    inZ,
    posterior: (members, how) => posteriorInTheta(parameters, inZ(members, how)),
  }
}

/** sixteen times e^-20 beside 1 is less than float32 resolves. */
const negligible = 20

/**
 * `[count, rows]` the log-ratios of others, those too small to change the loss replaced by ones without a gradient.
 * Passed back through the network, theirs would be subnormal numbers, with which each operation takes a hundred times
 * as long: where posteriors are narrow, that was five sixths of the training time.
 */
function withoutNegligible(others: Tensor, own: Tensor): Tensor {
  const least = tf.maximum(own, 0).sub(negligible)
  return tf.where(tf.greater(others, least), others, tf.fill(others.shape, -1e4))
}
