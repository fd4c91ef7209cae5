import { makeKey } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { writeAtomic } from '../../io/index.js'
import { drawFields } from '../../pipelines/galaxies/draw.js'
import { loadGalaxiesModel } from '../../pipelines/galaxies/model.js'
import { samplerFor } from '../../pipelines/galaxies/sampler.js'
import { quietContext } from '../../pipelines/run/index.js'
import { runOrShipped } from '../../pipelines/run/shipped.js'
import { type Line, linePlot } from '../../report/linePlot.js'
import { correlationFunction, overFields, shellCentres } from '../../statistics/index.js'
import { haloFields } from './haloFields.js'
import { print } from './print.js'

/** (Omega_m, sigma_8) */
const places = [
  [0.2, 0.7],
  [0.3, 0.8],
  [0.4, 0.95],
] as const
/** half axes of the ellipse within which a simulation counts as near */
const nearness = [0.05, 0.07] as const
const edges = [5, 8, 12, 18, 25, 35, 50, 70]
const drawsEach = 2
const threads = 2
const evaluations = 32

/**
 * `npm run study -- response [out]`: does xi change with theta as in the simulations? Around (Omega_m, sigma_8) = (.2,
 * .7), (.3, .8) and (.4, .95) the simulations within an ellipse of .05 and .07, and two fields drawn by the shipped
 * model at the five parameters of each. Prints both means and writes a figure (default response.svg).
 */
export async function response(): Promise<void> {
  const run = runOrShipped('galaxies', undefined)
  const [, out = 'response.svg'] = process.argv.slice(2)
  const model = await loadGalaxiesModel(run)
  const fields = await haloFields('train.h5', 'test.h5')
  print(
    `Mpc/h                 ${edges
      .slice(1)
      .map((to, b) => `${edges[b]}-${to}`.padStart(9))
      .join('')}`,
  )
  const lines: Line[] = []
  for (const [omegaM, sigma8] of places) {
    const near = fields.filter(
      ({ theta }) => Math.hypot((theta.omega_m - omegaM) / nearness[0], (theta.sigma_8 - sigma8) / nearness[1]) < 1,
    )
    const drawn = await drawFields(
      {
        run,
        box: model.box,
        thetas: near.flatMap(({ theta }) => Array.from({ length: drawsEach }, () => theta)),
        points: model.points,
        sampler: samplerFor(model, evaluations),
        steps: evaluations,
        threads,
        device: 'cpu',
        key: makeKey(3).split(`${omegaM} ${sigma8}`),
        label: '',
      },
      quietContext(makeKey(0)),
    )
    const xiOf = (of: readonly Field[]) => of.map(field => correlationFunction(field.positions, field.box, edges))
    const theirs = xiOf(near)
    const every = xiOf(drawn.fields)
    // The two draws at a theta first, so that errors are over cosmologies as the simulations' are.
    const ours = near.map((_, i) =>
      edges.slice(1).map((_, b) => (every[drawsEach * i][b] + every[drawsEach * i + 1][b]) / drawsEach),
    )
    const simulated = overFields(theirs)
    const difference = overFields(ours.map((xi, i) => xi.map((value, b) => value - theirs[i][b])))
    const mean = overFields(ours).mean
    const name = `(${omegaM}, ${sigma8}), ${near.length} fields`
    print(`${name.padEnd(22)}${simulated.mean.map(cell).join('')}  simulated`)
    print(`${''.padEnd(22)}${mean.map(cell).join('')}  drawn`)
    print(`${''.padEnd(22)}${difference.standardError.map(cell).join('')}  error of the difference`)
    const x = shellCentres(edges)
    lines.push({ label: `(${omegaM}, ${sigma8}) simulated`, x, y: simulated.mean, error: difference.standardError })
    lines.push({ label: `drawn`, x, y: mean, dots: true })
  }
  const figure = linePlot({
    description: 'Correlation functions of simulated and drawn halo fields at three cosmologies',
    x: { label: 'r [Mpc/h]', type: 'log' },
    y: { label: 'xi', type: 'log', domain: [0.01, 40] },
    lines,
    width: 760,
    height: 460,
  })
  writeAtomic(out, figure)
  print(`${out} written`)
}

function cell(value: number): string {
  return value.toFixed(3).padStart(9)
}
