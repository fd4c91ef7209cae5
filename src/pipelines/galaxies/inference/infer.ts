import { extname } from 'node:path'
import { type Field, type Key, UsageError } from '../../../core/index.js'
import { rhat } from '../../../generative/posterior/index.js'
import { productPrior } from '../../../generative/prior/index.js'
import { readFields } from '../../../io/galaxies/index.js'
import { drawsFormat, writeDraws } from '../../../io/posterior/index.js'
import { writePosteriorPage } from '../../../report/posterior/index.js'
import { parameterSummaries, printSummaries } from '../../posterior/summaries.js'
import { type CommonOptions, type RunContext, refuseOverwrite, since } from '../../run/index.js'
import { refuseSettings } from '../../run/refuseSettings.js'
import { runOrShipped } from '../../run/shipped.js'
import { loadGalaxiesModel, trainedRange } from '../model.js'
import { fieldLikelihood } from './fieldLikelihood.js'
import { fieldPosterior } from './fieldPosterior.js'
import { viewField } from './fieldView.js'
import { loadFieldPosterior } from './posteriorModel.js'
import { readPower } from './power.js'
import { type LikelihoodMethod, type RoadDraws, walkRoad } from './roads.js'

/** Of the flag --method. */
export type InferMethod = LikelihoodMethod | 'npe'

export interface InferOptions extends CommonOptions {
  readonly data: readonly string[]
  readonly index: number
  readonly method: InferMethod
  readonly n: number
}

/** Draws of theta given one field, with what is needed to report them. */
export interface FieldInference extends RoadDraws {
  readonly names: readonly string[]
  /** uniform */
  readonly prior: Readonly<Record<string, readonly [number, number]>>
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

/** Draws of noise where none were measured with. */
const usualDraws = 4

/**
 * `stipple galaxies infer`: p(theta | one field) of all the parameters that the model was trained with, the others than (Omega_m, sigma_8) being marginalised where one looks at the pair.
 * `npe` sees positions, velocities and masses; the samplers walk the bound of the diffusion model, which sees positions.
 */
export async function inferField(options: InferOptions, context: RunContext): Promise<void> {
  const began = performance.now()
  refuseSettings(options)
  if (options.resume)
    throw new UsageError('expected infer without --resume', 'got it', 'leave it away: it takes seconds to minutes')
  const { out, method } = options
  const page = out === undefined ? undefined : `${out.slice(0, out.length - extname(out).length)}.html`
  if (out !== undefined) drawsFormat(out)
  for (const path of [out, page]) if (path !== undefined) await refuseOverwrite(path, options.force)
  const field = await fieldAt(options.data, options.index)
  const key = context.key.split('infer')
  const found =
    method === 'npe' ? await byNetwork(field, options, key) : await byLikelihood(field, method, options, key, context)
  const { names, theta, logProb, diagnostics, warnings, notes, prior } = found
  for (const text of warnings) context.log.warn(text)
  for (const text of notes) context.log.info(text)
  const parameters = parameterSummaries(names, theta)
  const units = names.map(() => '')
  printSummaries(parameters, units, context)
  if (out !== undefined) {
    const attributes = { method, input: options.data.join(', '), index: options.index }
    await writeDraws(
      out,
      { subject: 'galaxies', seed: options.seed, names, units, draws: theta, logProb, attributes },
      { force: options.force },
    )
    context.print(`${logProb.length} draws in ${out}`)
  }
  const seconds = since(began)
  if (page !== undefined) {
    const known = names.every(name => field.theta[name] !== undefined)
    writePosteriorPage(page, {
      title: 'Cosmological parameters given one field of halos',
      lead: `Field ${options.index} of ${options.data.join(', ')}, ${field.points} halos, by ${method}.`,
      facts: [
        { label: 'method', value: method },
        { label: 'draws', value: `${logProb.length}` },
        ...Object.entries(diagnostics).map(([label, value]) => ({ label, value: value.toPrecision(4) })),
      ],
      warnings,
      notes,
      corner: {
        labels: names.map(label),
        posterior: { label: method, values: theta },
        bounds: names.map(name => prior[name]),
        ...(known && { truth: names.map(name => field.theta[name]) }),
      },
      timings: [{ stage: 'all of it', seconds }],
      environment: [],
      provenance: [
        { label: 'input', value: options.data.join(', ') },
        { label: 'seed', value: `${options.seed}` },
      ],
    })
    context.print(page)
  }
  context.json({
    parameters,
    diagnostics,
    warnings,
    notes,
    method,
    ...(out !== undefined && { out }),
    ...(page !== undefined && { page }),
    n: logProb.length,
    seconds,
  })
}

/** @throws UsageError where the file has no such field */
async function fieldAt(paths: readonly string[], index: number): Promise<Field> {
  let count = 0
  for await (const field of readFields(paths)) {
    if (count === index) return field
    count++
  }
  throw new UsageError(
    `expected --index from 0 to ${count - 1} in ${paths.join(', ')}`,
    `got ${index}`,
    'choose one of its fields',
  )
}

async function byNetwork(field: Field, options: InferOptions, key: Key): Promise<FieldInference> {
  const model = await loadFieldPosterior(runOrShipped('galaxies-posterior', options.run))
  const posterior = await fieldPosterior(model, options.n, options.threads)
  try {
    const drawn = await posterior.draw(viewField(field, key), key.split('draws'))
    const names = Object.keys(model.box)
    return {
      ...drawn,
      diagnostics: { rhat: worstRhat(drawn.theta, names.length), ...drawn.diagnostics },
      names,
      prior: model.box,
      warnings: [],
      notes: [
        'The network saw positions, velocities and masses; other parameters are marginalised over their uniform prior.',
      ],
    }
  } finally {
    await posterior.close()
  }
}

function worstRhat(theta: Float64Array, width: number): number {
  const length = Math.floor(theta.length / width / 4)
  const series = (p: number) =>
    [0, 1, 2, 3].map(c => Float64Array.from({ length }, (_, i) => theta[(4 * i + c) * width + p]))
  return Math.max(...Array.from({ length: width }, (_, p) => rhat(series(p))))
}

async function byLikelihood(
  field: Field,
  method: LikelihoodMethod,
  options: InferOptions,
  key: Key,
  context: RunContext,
): Promise<FieldInference> {
  const run = runOrShipped('galaxies', options.run)
  const model = await loadGalaxiesModel(run)
  const measured = readPower(run)
  const draws = measured?.draws ?? usualDraws
  const progress = context.progress(draws, 'what the field says of theta')
  try {
    const { threads } = options
    const likelihood = await fieldLikelihood(model, field, {
      ...{ draws, threads, key, signal: context.signal },
      onDraw: () => progress.advance(1),
    })
    const box = Object.fromEntries(likelihood.theta.names.map(name => [name, trainedRange(model.normalisation, name)]))
    const prior = productPrior(
      Object.fromEntries(Object.entries(box).map(([name, range]) => [name, { uniform: [...range] as [number, number] }])),
    )
    const evidence = { likelihood, power: measured?.power ?? 1 }
    const drawn = await walkRoad(method, evidence, prior, options.n, key)
    const unmeasured = `${run} has no measured power of its likelihood: intervals are too narrow, by a factor of two in the shipped model.`
    return {
      ...drawn,
      names: prior.names,
      prior: box,
      warnings: measured ? [] : [unmeasured],
      notes: [
        'The likelihood is the variational bound of the diffusion model, of positions alone; other parameters are marginalised over their uniform prior.',
      ],
    }
  } finally {
    progress.stop()
  }
}

const labels: Readonly<Record<string, string>> = {
  omega_m: 'Ωₘ',
  omega_b: 'Ω_b',
  h: 'h',
  n_s: 'nₛ',
  sigma_8: 'σ₈',
}

function label(name: string): string {
  return labels[name] ?? name
}
