import { makeKey, wrapPositions } from '../../core/index.js'
import {
  logUniformSigmas,
  type SamplerName,
  sampleBy,
  stepsWithin,
  uniformStart,
} from '../../generative/diffusion/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { fitPairModel, type PairModel, pairDenoiser } from '../../pipelines/galaxies/pairModel.js'
import { percentText } from '../../report/html.js'
import { correlationEdges, correlationFunction, overFields } from '../../statistics/index.js'
import { haloFields, spread } from './haloFields.js'
import { print } from './print.js'

const evaluations = 32
const cosmologies = 6

/**
 * `npm run study -- pair-score [fields] [draws]`: the pair score fitted on so many fields of train.h5 (all without a
 * number), then the correlation function of fields drawn by it at 32 evaluations over that of the simulations, at
 * fiducial and at unseen cosmologies.
 */
export async function pairScore(): Promise<void> {
  const [, fieldsWanted, drawsWanted] = process.argv.slice(2)
  const training = spread(await haloFields('train.h5'), Number(fieldsWanted ?? Number.POSITIVE_INFINITY))
  const started = performance.now()
  const model = await fitPairModel({ fields: training })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  print(`fitted on ${training.length} fields in ${seconds} s, ${model.score.theta.terms.length} theta terms`)
  for (const { sigma, train, heldOut, ridge } of model.score.diagnostics)
    print(
      `sigma ${sigma.toFixed(1).padStart(6)}  explained ${percentText(train, 2).padStart(7)}  held out ${percentText(heldOut, 2).padStart(7)}  ridge ${ridge}`,
    )

  const fiducial = await haloFields('fiducial.h5')
  const draws = Number(drawsWanted ?? fiducial.length)
  const unseen = spread(await haloFields('test.h5'), cosmologies)
  print(
    `\nMpc/h${correlationEdges
      .slice(0, -1)
      .map(edge => String(edge).padStart(8))
      .join('')}`,
  )
  for (const sampler of ['heun-sde', 'heun', 'ancestral'] as const) {
    const drawn = await draw(model, fiducial[0], sampler, draws)
    compare(`fiducial, ${sampler}`, drawn, fiducial)
    for (const field of unseen) {
      const { omega_m, sigma_8 } = field.theta
      const label = `omega_m ${omega_m.toFixed(2)} sigma_8 ${sigma_8.toFixed(2)}, ${sampler}`
      compare(label, await draw(model, field, sampler, 2), [field])
    }
  }
}

/** So many fields with the parameters and the number of points of the one given. */
async function draw(
  model: PairModel,
  { theta, points }: Field,
  sampler: SamplerName,
  count: number,
): Promise<Float32Array[]> {
  const { box } = model.basis
  const [smallest, largest] = [model.score.sigmas[0], model.score.sigmas[model.score.sigmas.length - 1]]
  const key = makeKey(1)
  const denoise = pairDenoiser(model, theta, { extrapolate: true })
  try {
    const start = uniformStart(key.split('start'), [count, points, 3], box)
    const sigmas = logUniformSigmas({ largest, smallest, steps: stepsWithin(sampler, evaluations), toZero: true })
    const { values } = (await sampleBy(sampler, denoise, { noise: start, sigmas, key: key.split('steps') })).state
    return Array.from({ length: count }, (_, b) =>
      wrapPositions(values.slice(b * points * 3, (b + 1) * points * 3), box),
    )
  } finally {
    await denoise.close()
  }
}

function compare(label: string, drawn: readonly Float32Array[], simulated: readonly Field[]): void {
  const { box } = simulated[0]
  const ours = overFields(drawn.map(positions => correlationFunction(positions, box))).mean
  const theirs = overFields(simulated.map(field => correlationFunction(field.positions, box))).mean
  print(label)
  print(`sim  ${theirs.map(xi => xi.toFixed(3).padStart(8)).join('')}`)
  print(`drawn${ours.map(xi => xi.toFixed(3).padStart(8)).join('')}`)
  print(`off  ${ours.map((xi, b) => `${(100 * (xi / theirs[b] - 1)).toFixed(0)}%`.padStart(8)).join('')}`)
}
