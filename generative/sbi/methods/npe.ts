import { type ArrayValue, normal, type Tree } from '../../../core/index.js'
import { rowProgram } from '../../../engine/index.js'
import { conditionalDensity, type FlowShape } from '../conditionalDensity.js'
import type { Method } from '../method.js'
import { objectProgram } from '../objectProgram.js'
import { ensembleInZ, type PosteriorInZ, posteriorInTheta } from '../posteriorInZ.js'
import type { ReaderOptions } from './options.js'

export interface NpeOptions<O> extends ReaderOptions<O>, FlowShape {}

/**
 * Neural posterior estimation: summary and flow q(z | x) are trained together to the largest mean log-density of the
 * true parameters (Papamakarios and Murray 2016, arXiv 1605.06376; Greenberg et al. 2019, arXiv 1905.07488, proposition
 * 1 without correction). One training answers for every x; draws and densities are one pass.
 */
export function npeMethod<O>(options: NpeOptions<O>): Method<O> {
  const { parameters, reader } = options
  const dim = parameters.names.length
  const density = conditionalDensity({ ...options, dim, summary: reader.summary, start: reader.start })
  const posterior = (params: Tree<ArrayValue>, threads: number): PosteriorInZ<O> => {
    const reading = objectProgram(params, reader, density.read, threads)
    const common = { params, condition: density.width, rows: [dim], threads }
    const drawing = rowProgram({
      ...common,
      program(p, { rows: [read, noise] }) {
        const { x: z, logProb } = density.draw(p, noise, read)
        return { z, logProb }
      },
    })
    const asking = rowProgram({
      ...common,
      program: (p, { rows: [read, z] }) => ({ logProb: density.logProb(p, z, read) }),
    })
    const drawMany: PosteriorInZ<O>['drawMany'] = async (observations, n, keys) => {
      const conditions = await reading.run(observations)
      const noise = new Float64Array(observations.length * n * dim)
      for (const [i, key] of keys.entries()) noise.set(normal(key, n * dim), i * n * dim)
      const { z, logProb } = await drawing.run({ conditions, rows: [noise], n: observations.length * n })
      return observations.map((_, i) => ({
        z: z.slice(i * n * dim, (i + 1) * n * dim),
        logProb: logProb.slice(i * n, (i + 1) * n),
        diagnostics: {},
      }))
    }
    return {
      draw: async (observation, n, key) => (await drawMany([observation], n, [key]))[0],
      drawMany,
      async logProb(observation, z) {
        const conditions = await reading.run([observation])
        return (await asking.run({ conditions, rows: [z], n: z.length / dim })).logProb
      },
      summaries: reading.run,
      async close() {
        for (const program of [reading, drawing, asking]) await program.close()
      },
    }
  }
  const inZ: Method<O>['inZ'] = (members, { threads }) =>
    ensembleInZ(
      members.map(params => posterior(params, threads)),
      dim,
    )
  return {
    name: 'npe',
    reader,
    init: density.init,
    noise: () => ({}),
    loss: (params, { z, observation }) => ({
      loss: density.logProb(params, z, density.read(params, observation)).mean().neg(),
    }),
    inZ,
    posterior: (members, how) => posteriorInTheta(parameters, inZ(members, how)),
  }
}
