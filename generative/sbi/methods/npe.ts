import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, normal, type Tree } from '../../../core/index.js'
import { conditionalDensity, type FlowShape } from '../conditionalDensity.js'
import type { Method } from '../method.js'
import { estimatorInTheta, mixtureInZ, type PosteriorInZ } from '../posteriorInZ.js'
import { rowProgram } from '../rowProgram.js'
import { standardise } from '../standardise.js'
import type { CommonOptions } from './options.js'

export interface NpeOptions extends CommonOptions, FlowShape {}

/**
 * Neural posterior estimation: a flow q(z | x) to the largest mean log-density of the true parameters (Papamakarios and
 * Murray 2016, arXiv 1605.06376; Greenberg et al. 2019, arXiv 1905.07488, proposition 1 without correction). One
 * training answers for every x; draws and densities are one pass.
 */
export function npe(options: NpeOptions): Method {
  const { prior, statistics, summary, start = 'linear' } = options
  const { parameters, observations } = statistics
  const density = conditionalDensity({
    ...options,
    dim: parameters,
    given: observations,
    start: start === 'linear' ? statistics.posterior : undefined,
    summary,
  })
  const posterior = (params: Tree<ArrayValue>, threads: number): PosteriorInZ => {
    const read = (p: Tree<Tensor>, x: Tensor, rows: number): Tensor => {
      const one = density.read(p, standardise(statistics, x))
      return one.tile([rows, 1])
    }
    const x = [[1, observations]]
    const row = [parameters]
    const drawing = rowProgram(
      params,
      x,
      row,
      (p, [x], [noise]) => {
        const { x: z, logProb } = density.draw(p, noise, read(p, x, noise.shape[0]))
        return { z, logProb }
      },
      threads,
    )
    const asking = rowProgram(
      params,
      x,
      row,
      (p, [x], [z]) => ({ logProb: density.logProb(p, z, read(p, x, z.shape[0])) }),
      threads,
    )
    const shared = (x: Float64Array): ArrayValue[] => [{ shape: [1, observations], values: Float32Array.from(x) }]
    return {
      async draw(x, n, key) {
        const noise = Float64Array.from(normal(key, n * parameters))
        const { z, logProb } = await drawing.run(shared(x), [noise], n)
        return { z, logProb, normalised: true, diagnostics: {} }
      },
      logProb: async (x, z) => (await asking.run(shared(x), [z], z.length / parameters)).logProb,
      async close() {
        await drawing.close()
        await asking.close()
      },
    }
  }
  const ensemble: Method['ensemble'] = (members, { threads }) =>
    estimatorInTheta(
      prior,
      observations,
      mixtureInZ(
        members.map(params => posterior(params, threads)),
        parameters,
      ),
    )
  return {
    name: 'npe',
    init: key => density.init(key),
    noise: () => ({}),
    loss: (params, { z, x }) => ({
      loss: density
        .logProb(params, z, density.read(params, standardise(statistics, x)))
        .mean()
        .neg(),
    }),
    estimator: (params, how) => ensemble([params], how),
    ensemble,
  }
}
