import { extname } from 'node:path'
import { UsageError } from '../../core/index.js'
import type { EstimatedPosterior } from '../../generative/sbi/index.js'
import { drawsFormat, writeDraws } from '../../io/posterior/index.js'
import { independentDiagnostics } from '../answers/independentDraws.js'
import { parameterSummaries, printSummaries } from '../answers/summaries.js'
import { type Unusualness, unusualShare } from '../answers/trainedRegion.js'
import type { RunContext } from '../run/context.js'
import { refuseOverwrite, refuseSettings, secondsSince } from '../run/index.js'
import { writeInferPage } from './inferPage.js'
import { type DensitiesModel, estimatorOf, loadDensitiesModel } from './model.js'
import { readObservation } from './observation.js'
import type { InferOptions } from './options.js'
import { type Predictive, predict } from './predictive.js'
import { unusualnessOf } from './region.js'
import { commandSimulator } from './simulator/commandSimulator.js'

/**
 * `stipple densities infer`: draws of theta given one observation.
 *
 * JSON beside `parameters` and `diagnostics`: `unusual` (distance of the observation from the training ones, the share
 * of them farther out, whether flagged), `predictive` (with --command: draws simulated anew beside the observation, see
 * `predict`), `warnings`, `method`, `n`, `out`, `page`, `seconds`.
 */
export async function inferDensities(options: InferOptions, context: RunContext): Promise<void> {
  const began = performance.now()
  refuseSettings(options)
  if (options.resume)
    throw new UsageError('expected infer without --resume', 'got it', 'leave it away: it leaves no parts')
  const { out, run } = options
  if (run === undefined)
    throw new UsageError('expected --run', 'got none', 'give a folder made by stipple densities train')
  const page =
    options.page ?? (out === undefined ? undefined : `${out.slice(0, out.length - extname(out).length)}.html`)
  if (out !== undefined) drawsFormat(out)
  for (const path of [out, page]) if (path !== undefined) await refuseOverwrite(path, options.force)
  const model = await loadDensitiesModel(run)
  const { prior, units } = model
  const key = context.key.split('infer')
  const x = await readObservation(options.observation, model.layout, key.split('observation'), context.signal)
  const unusual = unusualnessOf(model.region, Float32Array.from(x), model.statistics, model.layout)
  const estimator = estimatorOf(model, options.threads)
  const found = await estimator.draw(x, options.n, key).finally(() => estimator.close())
  const predictive = await predictiveCheck(model, options, x, found, context)
  const warnings = [...unusualWarnings(unusual), ...drawWarnings(found), ...predictiveWarnings(options, predictive)]
  for (const text of warnings) context.log.warn(text)
  const parameters = parameterSummaries(prior.names, found.theta)
  context.print(`${options.observation}: ${found.logProb.length} draws by ${model.config.method}`)
  printSummaries(parameters, units, context)
  const diagnostics = { ...independentDiagnostics(found.theta, model.prior.names.length), ...found.diagnostics }
  if (out !== undefined) {
    await writeDraws(
      out,
      {
        subject: 'densities',
        seed: options.seed,
        names: prior.names,
        units,
        draws: found.theta,
        logProb: found.logProb,
        attributes: { method: model.config.method, normalised: found.normalised ? 1 : 0 },
      },
      { force: options.force },
    )
    context.print(`${found.logProb.length} draws in ${out}`)
  }
  const flagged = { ...unusual, flagged: unusual.share < unusualShare }
  if (page !== undefined) {
    writeInferPage(page, { options, model, found, predictive, unusual: flagged, warnings, seconds: secondsSince(began), key })
    context.print(page)
  }
  context.json({
    parameters,
    diagnostics,
    unusual: flagged,
    ...(predictive && { predictive }),
    warnings,
    method: model.config.method,
    n: found.logProb.length,
    ...(out !== undefined && { out }),
    ...(page !== undefined && { page }),
    seconds: secondsSince(began),
  })
}

async function predictiveCheck(
  { prior, layout, statistics, config }: DensitiesModel,
  { command, threads }: InferOptions,
  x: Float64Array,
  { theta }: EstimatedPosterior,
  context: RunContext,
): Promise<Predictive | undefined> {
  if (command === undefined) return undefined
  if (layout.kind === 'set') {
    throw new UsageError('expected --command with a run of vectors', 'got one of sets of points', 'leave it away')
  }
  const simulator = commandSimulator(command, { timeout: config.simulator.timeout, atOnce: threads })
  try {
    const { names } = prior
    return await predict(simulator, theta, x, { names, xNames: layout.names, statistics, key: context.key, context })
  } finally {
    await simulator.close()
  }
}

function predictiveWarnings({ command }: InferOptions, predictive: Predictive | undefined): string[] {
  if (command === undefined) return []
  if (predictive === undefined) return ['Too few draws could be simulated anew to check the posterior by.']
  if (predictive.p >= 0.01) return []
  return [
    `The posterior cannot make this observation: of its predictions ${(100 * predictive.p).toFixed(1)}% are as far out.`,
  ]
}

function unusualWarnings({ share, distance }: Unusualness): string[] {
  if (share >= unusualShare) return []
  return [
    `This observation lies outside what the model was trained on: ${(100 * share).toFixed(2)}% of the simulations are as far out ` +
      `(distance ${distance.toFixed(1)}). The posterior is not to be trusted.`,
  ]
}

function drawWarnings({ diagnostics: { rhat: worst } }: EstimatedPosterior): string[] {
  return worst > 1.1 ? [`The chains have not converged: R-hat is ${worst.toFixed(2)}.`] : []
}
