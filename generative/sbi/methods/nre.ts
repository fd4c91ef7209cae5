import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { TemperedOptions } from '../../posterior/tempered/temperedDraws.js'
import { readRows, residualCoordinates } from '../conditionalDensity.js'
import { likelihoodInZ } from '../likelihoodInZ.js'
import type { Method } from '../method.js'
import { estimatorInTheta } from '../posteriorInZ.js'
import { residualMlp } from '../residualMlp.js'
import { standardise, tellTwice } from '../standardise.js'
import type { CommonOptions } from './options.js'

export interface NreOptions extends CommonOptions {
  /** of the networks that read x and that judge pairs; default 64 */
  readonly width?: number
  /** residual blocks of either; default 2 */
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
export function nre(options: NreOptions): Method {
  const { prior, statistics, start = 'linear', width = 64, blocks = 2, contrasts = 16, sampling } = options
  const { parameters, observations, posterior: regression } = statistics
  const summary = options.summary ?? readRows(observations, width, blocks)
  const coordinates =
    start === 'linear' && regression ? residualCoordinates(regression, parameters, observations) : undefined
  const inputs = summary.outputs + parameters * (coordinates ? 3 : 2)
  const judge = residualMlp({ inputs, outputs: 1, width: 2 * width, blocks, silent: true })

  /** What is known of x before z: its summary, and the centre of the regression. */
  const read = (params: Params<Tensor>, x: Tensor): Tensor => {
    const standard = standardise(statistics, x)
    const seen = summary.apply(params.summary, standard)
    return coordinates ? tf.concat([coordinates.centre(standard), seen], 1) : seen
  }
  /** log-ratio `[batch]` */
  const ratio = (params: Params<Tensor>, seen: Tensor, z: Tensor): Tensor => {
    if (!coordinates) return judge.apply(params.judge, tf.concat([tellTwice(z), seen], 1)).reshape([-1])
    const [centre, rest] = tf.split(seen, [parameters, summary.outputs], 1)
    const residual = coordinates.residual(z, centre)
    const linear = z.square().sum(1).sub(residual.square().sum(1)).mul(0.5).sub(coordinates.logScale)
    // Far from where pairs lie the residuals say no more than that.
    const bounded = residual.clipByValue(-8, 8)
    return judge
      .apply(params.judge, tf.concat([tellTwice(z), bounded, rest], 1))
      .reshape([-1])
      .add(linear)
  }
  const ensemble: Method['ensemble'] = (members, { threads }) => {
    const posterior = likelihoodInZ(
      members,
      parameters,
      [1, observations],
      x => Float32Array.from(x),
      (tree, x, z) => {
        const params = tree as Params<Tensor>
        return ratio(params, read(params, x).tile([z.shape[0], 1]), z)
      },
      threads,
      sampling,
    )
    return { ...estimatorInTheta(prior, observations, posterior), targetInZ: posterior.target }
  }
  return {
    name: 'nre',
    init: key => ({ summary: summary.init(key.split('summary')), judge: judge.init(key.split('judge')) }),
    noise: () => ({}),
    loss(tree, { z, x }) {
      const params = tree as Params<Tensor>
      const rows = z.shape[0]
      const count = Math.min(contrasts, rows - 1)
      const seen = read(params, x)
      const rolled = (by: number): Tensor => (by === 0 ? z : tf.concat(tf.split(z, [rows - by, by], 0).reverse(), 0))
      const pairs = tf.concat(
        Array.from({ length: count + 1 }, (_, by) => rolled(by)),
        0,
      )
      const logs = ratio(params, seen.tile([count + 1, 1]), pairs).reshape([count + 1, rows])
      const [own, rolledOnes] = tf.split(logs, [1, count], 0)
      const others = heard(rolledOnes, own)
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
    estimator: (params, how) => ensemble([params], how),
    ensemble,
  }
}

/** sixteen times e^-20 beside 1 is less than a float32 tells. */
const UNHEARD = 20

/**
 * `[count, rows]` the log-ratios of others, those too small to change the loss replaced by ones without a gradient.
 * Passed back through the network, theirs would be subnormal numbers, with which each operation takes a hundred times
 * as long: where posteriors are narrow, that was five sixths of the training time.
 */
function heard(others: Tensor, own: Tensor): Tensor {
  const least = tf.maximum(own, 0).sub(UNHEARD)
  return tf.where(tf.greater(others, least), others, tf.fill(others.shape, -1e4))
}
