import { extname } from 'node:path'
import { UsageError } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { readFields } from '../../../io/galaxies/index.js'
import { drawsFormat, writeDraws } from '../../../io/posterior/index.js'
import { writePosteriorPage } from '../../../report/posterior/index.js'
import { parameterSummaries, printSummaries } from '../../answers/summaries.js'
import { type CommonOptions, environmentFacts, type RunContext, refuseOverwrite, secondsSince } from '../../run/index.js'
import { refuseSettings } from '../../run/refuseSettings.js'
import { type InferMethod, openRoad } from './openRoad.js'
import { parameterLabel } from './parameterLabel.js'

export interface InferOptions extends CommonOptions {
  readonly data: readonly string[]
  readonly index: number
  readonly method: InferMethod
  readonly n: number
  /** drawn beside the first on the page, by the model that ships */
  readonly beside?: InferMethod
}

/**
 * `stipple galaxies infer`: p(theta | one field) of all the parameters that the model was trained with, the others than
 * (Omega_m, sigma_8) being marginalised where one looks at the pair. `npe` sees positions, velocities and masses; the
 * samplers walk the bound of the diffusion model, which sees positions.
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
  const road = await openRoad(method, options, context)
  const { names, prior } = road
  const { theta, logProb, diagnostics, problems } = await road.answer(field, key).finally(() => road.close())
  const other =
    options.beside === undefined ? undefined : await otherRoad(options.beside, names, field, options, context)
  const notes = [...road.notes, ...(other?.notes ?? [])]
  const warnings = [...road.warnings, ...problems, ...(other?.warnings ?? [])]
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
  const seconds = secondsSince(began)
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
        labels: names.map(parameterLabel),
        posterior: { label: method, values: theta },
        ...(other && { second: { label: other.method, values: other.theta } }),
        bounds: names.map(name => prior[name]),
        ...(known && { truth: names.map(name => field.theta[name]) }),
      },
      timings: [{ stage: 'all of it', seconds }],
      environment: environmentFacts(options.threads),
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
    ...(other && { beside: { method: other.method, parameters: parameterSummaries(names, other.theta) } }),
    ...(out !== undefined && { out }),
    ...(page !== undefined && { page }),
    n: logProb.length,
    seconds,
  })
}

/** What another road says of the same field, its parameters in the order of `names`. */
async function otherRoad(
  method: InferMethod,
  names: readonly string[],
  field: Field,
  { n, threads }: InferOptions,
  context: RunContext,
) {
  const road = await openRoad(method, { n, threads }, context)
  try {
    const columns = names.map(name => road.names.indexOf(name))
    if (columns.includes(-1))
      throw new UsageError(
        `expected --beside to know ${names.join(', ')}`,
        `got ${road.names.join(', ')} of ${method}`,
        'leave it away',
      )
    const { theta, problems } = await road.answer(field, context.key.split('infer beside'))
    const width = road.names.length
    const rows = theta.length / width
    return {
      method,
      theta: Float64Array.from({ length: rows * names.length }, (_, at) => {
        const row = Math.floor(at / names.length)
        return theta[row * width + columns[at % names.length]]
      }),
      notes: road.notes.map(text => `${method}: ${text}`),
      warnings: [...road.warnings, ...problems].map(text => `${method}: ${text}`),
    }
  } finally {
    await road.close()
  }
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
