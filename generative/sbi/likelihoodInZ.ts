import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import { logNormalRow } from '../posterior/standardNormal.js'
import type { Target } from '../posterior/target.js'
import { type TemperedOptions, temperedDraws } from '../posterior/tempered/temperedDraws.js'
import type { PosteriorInZ } from './posteriorInZ.js'
import { rowProgram } from './rowProgram.js'

/** log-likelihood (or log-ratio) of rows of z for one observation, `[batch]`, in a program. */
export type LogLikelihoodProgram = (params: Tree<Tensor>, x: Tensor, z: Tensor) => Tensor

export interface LikelihoodInZ extends PosteriorInZ {
  /** log N(z) + log-likelihood and its gradient, for samplers. */
  target(x: Float64Array): Target
}

/**
 * The posterior of a learned likelihood or ratio under the standard normal prior of z. Several members count by the
 * mean of their logarithms. Draws are tempered from the prior; their log-density is normalised by the evidence found on
 * the way.
 *
 * @param prepare the observation as the program takes it, `[views, width]`; several views (of dequantised numbers) are
 *   averaged by the program
 */
export function likelihoodInZ(
  members: readonly Tree<ArrayValue>[],
  p: number,
  views: readonly [count: number, width: number],
  prepare: (x: Float64Array) => Float32Array,
  program: LogLikelihoodProgram,
  threads: number,
  options: TemperedOptions = {},
): LikelihoodInZ {
  const mean = (params: Tree<Tensor>, x: Tensor, z: Tensor): Tensor => {
    const logs = (params as readonly Tree<Tensor>[]).map(member => program(member, x, z))
    return logs.reduce((sum, log) => sum.add(log)).div(logs.length)
  }
  const shapes = [[...views]]
  const asking = rowProgram(members, shapes, [p], (params, [x], [z]) => ({ log: mean(params, x, z) }), threads)
  const differentiating = rowProgram(
    members,
    shapes,
    [p],
    (params, [x], [z]) => {
      // A row's logarithm knows that row alone, so the gradient of the sum holds every row's own.
      const { value, grad } = tf.valueAndGrad((rows: Tensor) => {
        const logs = mean(params, x, rows)
        return logs.sum()
      })(z) as unknown as { value: Tensor; grad: Tensor }
      return { log: mean(params, x, z), gradient: grad, sum: value.reshape([1]).tile([z.shape[0]]) }
    },
    threads,
  )
  const shared = (x: Float64Array): ArrayValue[] => [{ shape: [...views], values: prepare(x) }]
  const likelihood = async (x: readonly ArrayValue[], z: Float64Array) => (await asking.run(x, [z], z.length / p)).log
  return {
    target(x) {
      const seen = shared(x)
      const withPrior = (logs: Float64Array, z: Float64Array) => logs.map((log, row) => log + logNormalRow(z, row, p))
      return {
        dim: p,
        logDensity: async z => withPrior(await likelihood(seen, z), z),
        async withGradient(z) {
          const { log, gradient } = await differentiating.run(seen, [z], z.length / p)
          return { logDensity: withPrior(log, z), gradient: gradient.map((slope, i) => slope - z[i]) }
        },
      }
    },
    draw: (x, n, key) => {
      const seen = shared(x)
      return temperedDraws({ logLikelihood: z => likelihood(seen, z), dim: p, n, key }, options)
    },
    async close() {
      await asking.close()
      await differentiating.close()
    },
  }
}
