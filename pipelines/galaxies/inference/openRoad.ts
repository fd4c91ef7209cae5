import type { Key } from '../../../core/index.js'
import { rhat } from '../../../generative/posterior/index.js'
import { productPrior } from '../../../generative/prior/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { type LikelihoodMethod, type RoadDraws, walkRoad } from '../../answers/roads.js'
import type { RunContext } from '../../run/index.js'
import { runOrShipped } from '../../run/shipped.js'
import { loadGalaxiesModel, trainedRange } from '../model.js'
import { fieldLikelihood } from './fieldLikelihood.js'
import { fieldPosterior } from './fieldPosterior.js'
import { viewField } from './fieldView.js'
import { likelihoodTarget } from './likelihoodTarget.js'
import { loadFieldPosterior } from './posteriorModel.js'
import { readPower } from './power.js'

/** Of the flag --method. */
export type InferMethod = LikelihoodMethod | 'npe'

export interface RoadOptions {
  readonly run?: string
  readonly n: number
  readonly threads: number
}

/** A way from a field to draws of theta, made ready for many fields. */
export interface Road {
  readonly names: readonly string[]
  /** uniform */
  readonly prior: Readonly<Record<string, readonly [number, number]>>
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
  answer(field: Field, key: Key): Promise<RoadDraws>
  close(): Promise<void>
}

/** Draws of noise where none were measured with. */
const usualDraws = 4

export function openRoad(method: InferMethod, options: RoadOptions, context: RunContext): Promise<Road> {
  return method === 'npe' ? networkRoad(options) : likelihoodRoad(method, options, context)
}

async function networkRoad({ run, n, threads }: RoadOptions): Promise<Road> {
  const model = await loadFieldPosterior(runOrShipped('galaxies-posterior', run))
  const posterior = await fieldPosterior(model, n, threads)
  const names = Object.keys(model.box)
  return {
    names,
    prior: model.box,
    warnings: [],
    notes: [
      'The network saw positions, velocities and masses; other parameters are marginalised over their uniform prior.',
    ],
    async answer(field, key) {
      const drawn = await posterior.draw(viewField(field, key), key.split('draws'))
      return { ...drawn, diagnostics: { rhat: worstRhat(drawn.theta, names.length), ...drawn.diagnostics } }
    },
    close: () => posterior.close(),
  }
}

/** Independent draws as four chains: they tell the same, up to their number. */
function worstRhat(theta: Float64Array, width: number): number {
  const length = Math.floor(theta.length / width / 4)
  const series = (p: number) =>
    [0, 1, 2, 3].map(c => Float64Array.from({ length }, (_, i) => theta[(4 * i + c) * width + p]))
  return Math.max(...Array.from({ length: width }, (_, p) => rhat(series(p))))
}

async function likelihoodRoad(
  method: LikelihoodMethod,
  { run: named, n, threads }: RoadOptions,
  context: RunContext,
): Promise<Road> {
  const run = runOrShipped('galaxies', named)
  const model = await loadGalaxiesModel(run)
  const measured = readPower(run)
  const names = Object.keys(model.normalisation.theta)
  const box = Object.fromEntries(names.map(name => [name, trainedRange(model.normalisation, name)]))
  const prior = productPrior(
    Object.fromEntries(names.map(name => [name, { uniform: [...box[name]] as [number, number] }])),
  )
  const unmeasured = `${run} has no measured power of its likelihood: intervals are too narrow, by a factor of two in the shipped model.`
  return {
    names,
    prior: box,
    warnings: measured ? [] : [unmeasured],
    notes: [
      'The likelihood is the variational bound of the diffusion model, of positions alone; other parameters are marginalised over their uniform prior.',
    ],
    async answer(field, key) {
      const draws = measured?.draws ?? usualDraws
      const progress = context.progress(draws, 'what the field says of theta')
      try {
        const { signal } = context
        const onDraw = () => progress.advance(1)
        const likelihood = await fieldLikelihood(model, field, { draws, threads, key, signal, onDraw })
        return await walkRoad(method, likelihoodTarget(likelihood, names, measured?.power ?? 1), prior, n, key)
      } finally {
        progress.stop()
      }
    },
    close: async () => undefined,
  }
}
