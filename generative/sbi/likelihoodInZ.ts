import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import { rowProgram } from '../../engine/index.js'
import { logNormalRow } from '../posterior/standardNormal.js'
import { type TemperedOptions, temperedDraws } from '../posterior/tempered/temperedDraws.js'
import type { PosteriorInZ } from './posteriorInZ.js'

export interface LikelihoodInZOptions<O> {
  readonly members: readonly Tree<ArrayValue>[]
  /** length of z */
  readonly dim: number
  /** shapes of what an observation becomes, for all members together */
  readonly shapes: readonly (readonly number[])[]
  /** an observation as the program takes it */
  prepare(observation: O): Promise<readonly ArrayValue[]>
  /** log-likelihood (or log-ratio) of rows of z by one member, `[batch]` */
  program(params: Tree<Tensor>, observation: readonly Tensor[], z: Tensor, member: number): Tensor
  readonly threads: number
  readonly sampling?: TemperedOptions
  /** what the method reads of observations */
  summaries?(observations: readonly O[]): Promise<Float32Array[]>
  close?(): Promise<void>
}

/**
 * The posterior of a learned likelihood or ratio under the standard normal prior of z. Several members count by the
 * mean of their logarithms. Draws are tempered from the prior; their log-density is normalised by the evidence found on
 * the way.
 */
export function likelihoodInZ<O>(options: LikelihoodInZOptions<O>): PosteriorInZ<O> {
  const { members, dim, shapes: shared, prepare, program, threads, sampling = {} } = options
  const mean = (params: Tree<Tensor>, observation: readonly Tensor[], z: Tensor): Tensor => {
    const logs = (params as readonly Tree<Tensor>[]).map((member, m) => program(member, observation, z, m))
    return logs.reduce((sum, log) => sum.add(log)).div(logs.length)
  }
  const common = { params: members, shared, rows: [dim], threads }
  const asking = rowProgram({ ...common, program: (p, { shared, rows: [z] }) => ({ log: mean(p, shared, z) }) })
  const differentiating = rowProgram({
    ...common,
    program(p, { shared, rows: [z] }) {
      // A row's logarithm knows that row alone, so the gradient of the sum holds every row's own.
      const { value, grad } = tf.valueAndGrad((rows: Tensor) => {
        const logs = mean(p, shared, rows)
        return logs.sum()
      })(z) as unknown as { value: Tensor; grad: Tensor }
      return { log: mean(p, shared, z), gradient: grad, sum: value.reshape([1]).tile([z.shape[0]]) }
    },
  })
  const likelihood = async (observation: readonly ArrayValue[], z: Float64Array) =>
    (await asking.run({ shared: observation, rows: [z], n: z.length / dim })).log
  return {
    target(observation) {
      const prepared = prepare(observation)
      // Reported where the density is first asked for.
      prepared.catch(() => undefined)
      const withPrior = (logs: Float64Array, z: Float64Array) => logs.map((log, row) => log + logNormalRow(z, row, dim))
      return {
        dim,
        logDensity: async z => withPrior(await likelihood(await prepared, z), z),
        async withGradient(z) {
          const n = z.length / dim
          const { log, gradient } = await differentiating.run({ shared: await prepared, rows: [z], n })
          return { logDensity: withPrior(log, z), gradient: gradient.map((slope, i) => slope - z[i]) }
        },
      }
    },
    async draw(observation, n, key) {
      const prepared = await prepare(observation)
      return temperedDraws({ logLikelihood: z => likelihood(prepared, z), dim, n, key }, sampling)
    },
    ...(options.summaries && { summaries: options.summaries }),
    async close() {
      await asking.close()
      await differentiating.close()
      await options.close?.()
    },
  }
}
