import type { Draws, Key, Parameters, Posterior } from '../../../core/index.js'
import { drawByLikelihood } from '../../../generative/posterior/index.js'
import type { LikelihoodMethod } from '../../../generative/posterior/samplerNames.js'
import { productPrior } from '../../../generative/prior/index.js'
import { ensembleInZ, posteriorInTheta } from '../../../generative/sbi/index.js'
import type { Field } from '../../../io/galaxies/index.js'
import { galaxyParameters } from '../../../simulators/index.js'
import type { OpenPosterior } from '../../case.js'
import { type EmbeddedMethod, embeddedMethods } from '../../learn/methodNames.js'
import type { RunContext } from '../../run/index.js'
import { requireOwnMethod, runOrShipped } from '../../run/shipped.js'
import { loadGalaxiesModel, trainedRange } from '../model.js'
import { fieldLikelihood } from './fieldLikelihood.js'
import { viewField } from './fieldView.js'
import { likelihoodTarget } from './likelihoodTarget.js'
import { type Box, loadFieldPosterior } from './model.js'
import { readPower } from './power.js'

/** Of the flag --method. */
export type InferMethod = LikelihoodMethod | EmbeddedMethod

export interface PosteriorOptions {
  readonly run?: string
  readonly threads: number
}

/** A posterior of theta given one field, and the box that theta is uniform in. */
export interface OpenFields {
  readonly opened: OpenPosterior<Field>
  readonly box: Box
}

/** Draws of noise where none were measured with. */
const usualDraws = 4

export function openPosterior(
  method: InferMethod,
  options: PosteriorOptions,
  context: RunContext,
): Promise<OpenFields> {
  return isLearned(method) ? openNetwork(method, options) : openLikelihood(method, options, context)
}

function isLearned(method: InferMethod): method is EmbeddedMethod {
  return embeddedMethods.some(name => name === method)
}

async function openNetwork(method: EmbeddedMethod, { run, threads }: PosteriorOptions): Promise<OpenFields> {
  const { config, box, parameters, members } = await loadFieldPosterior(runOrShipped('galaxies-posterior', run))
  requireOwnMethod(config.method, method)
  const each = members.map(({ method, params }) => method.inZ([params], { threads }))
  const { draw, close } = posteriorInTheta(parameters, ensembleInZ(each, parameters.names.length))
  const posterior: Posterior<Field> = {
    parameters,
    draw: (field, n, key) => draw(viewField(field, key), n, key.split('draws')),
    close,
  }
  const notes = [
    'The network saw positions, velocities and masses; other parameters are marginalised over their uniform prior.',
  ]
  return { opened: { posterior, method, notes }, box }
}

/** The bound of the diffusion model that ships, or of a run, as a likelihood for a sampler. */
async function openLikelihood(
  method: LikelihoodMethod,
  { run: named, threads }: PosteriorOptions,
  context: RunContext,
): Promise<OpenFields> {
  const run = runOrShipped('galaxies', named)
  const model = await loadGalaxiesModel(run)
  const measured = readPower(run)
  const { normalisation } = model
  const box: Box = Object.fromEntries(
    Object.keys(normalisation.theta).map(name => [name, trainedRange(normalisation, name)]),
  )
  const parameters: Parameters = galaxyParameters(box)
  const { names } = parameters
  const prior = productPrior(Object.fromEntries(names.map(name => [name, { uniform: box[name] }])))
  const draws = measured?.draws ?? usualDraws
  const unmeasured = `${run} has no measured power of its likelihood: intervals are too narrow, by a factor of two in the shipped model.`
  async function draw(field: Field, n: number, key: Key): Promise<Draws> {
    const progress = context.progress(draws, 'the likelihood of the field')
    try {
      const { signal } = context
      const onDraw = () => progress.advance(1)
      const found = await fieldLikelihood(model, field, { draws, threads, key, signal, onDraw })
      const likelihood = likelihoodTarget(found, names, measured?.power ?? 1)
      return await drawByLikelihood({ method, likelihood, prior, n, key })
    } finally {
      progress.stop()
    }
  }
  return {
    box,
    opened: {
      posterior: { parameters, draw, close: async () => undefined },
      method,
      warnings: measured ? [] : [unmeasured],
      notes: [
        'The likelihood is the variational bound of the diffusion model, of positions alone; other parameters are marginalised over their uniform prior.',
      ],
    },
  }
}
