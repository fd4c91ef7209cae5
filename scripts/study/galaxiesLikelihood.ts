import { existsSync, readFileSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeKey } from '../../core/index.js'
import { drawByLikelihood } from '../../generative/posterior/index.js'
import { productPrior } from '../../generative/prior/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { fields } from '../../io/galaxies/fields.js'
import { writeAtomic } from '../../io/index.js'
import { readObjects } from '../../io/objects/index.js'
import { fieldLikelihood } from '../../pipelines/galaxies/inference/fieldLikelihood.js'
import { jointCredibility, logNormalAt, momentsOfDraws } from '../../pipelines/galaxies/inference/jointRegion.js'
import { likelihoodTarget } from '../../pipelines/galaxies/inference/likelihoodTarget.js'
import { powerFile } from '../../pipelines/galaxies/inference/power.js'
import { loadGalaxiesModel, trainedRange } from '../../pipelines/galaxies/model.js'
import { runOrShipped } from '../../pipelines/run/shipped.js'
import { haloFields } from './haloFields.js'
import { print } from './print.js'
import { stippleRun } from './stippleRun.js'

const folder = 'runs/galaxies-likelihood'
const noiseDraws = 4
/**
 * Fields of the shipped emulator. The score was fitted to those of train.h5, so its maxima lie too close to their
 * truths.
 */
const drawnOptions = ['--n', '400', '--seed', '2000']
const calibrationFields = 120

/** A field's quadratic form, kept for the next run of the study. */
export interface KeptForm {
  readonly file: string
  readonly index: number
  readonly theta: Readonly<Record<string, number>>
  readonly draws: readonly { readonly matrix: readonly number[]; readonly vector: readonly number[] }[]
}

/** The quadratic forms of fields of a file, each made once. */
async function keptForms(file: string, fields: readonly Field[]): Promise<KeptForm[]> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${file}.jsonl`)
  const kept = existsSync(path)
    ? readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as KeptForm)
    : []
  const model = await loadGalaxiesModel(runOrShipped('galaxies', undefined))
  for (const [index, field] of fields.entries()) {
    if (kept.some(form => form.index === index)) continue
    const key = makeKey(0).split(file).split(index)
    const { draws } = await fieldLikelihood(model, field, { draws: noiseDraws, threads: 2, key })
    const form: KeptForm = {
      file,
      index,
      theta: field.theta,
      draws: draws.map(({ matrix, vector }) => ({ matrix: [...matrix], vector: [...vector] })),
    }
    kept.push(form)
    await appendFile(path, `${JSON.stringify(form)}\n`)
    print(`${file} ${index + 1}`)
  }
  return kept
}

const powers = [0.5, 0.36, 0.28, 0.22, 0.18]
const pairNames = ['omega_m', 'sigma_8']

/** Posteriors of fields at one power: their density at the truth, and how often their regions hold it. */
interface PowerScore {
  readonly logScore: number
  /** share of truths in the joint region of (Omega_m, sigma_8) */
  readonly held68: number
  readonly held95: number
  /** root mean square error of each parameter */
  readonly rmse: Readonly<Record<string, number>>
}

async function score(forms: readonly KeptForm[], power: number): Promise<PowerScore> {
  const model = await loadGalaxiesModel(runOrShipped('galaxies', undefined))
  const space = model.pairs!.score.theta
  const prior = productPrior(
    Object.fromEntries(
      space.names.map(name => [name, { uniform: [...trainedRange(model.normalisation, name)] as [number, number] }]),
    ),
  )
  const { names } = prior
  const pair = pairNames.map(name => names.indexOf(name))
  const credibilities: number[] = []
  let logScore = 0
  const squares = names.map(() => 0)
  for (const form of forms) {
    const draws = form.draws.map(({ matrix, vector }) => ({
      matrix: Float64Array.from(matrix),
      vector: Float64Array.from(vector),
    }))
    const key = makeKey(1).split(form.file).split(form.index)
    const likelihood = likelihoodTarget({ theta: space, draws }, names, power)
    const { theta } = await drawByLikelihood({ method: 'nuts', likelihood, prior, n: 2000, key })
    const truth = pairNames.map(name => form.theta[name])
    credibilities.push(jointCredibility(theta, names.length, pair, truth))
    logScore += logNormalAt(momentsOfDraws(theta, names.length, pair), truth) / forms.length
    names.forEach((name, p) => {
      const { mean } = momentsOfDraws(theta, names.length, [p])
      squares[p] += (mean[0] - form.theta[name]) ** 2 / forms.length
    })
  }
  const share = (level: number) => credibilities.filter(c => c < level).length / forms.length
  const rmse = Object.fromEntries(names.map((name, p) => [name, Math.sqrt(squares[p])]))
  return { logScore, held68: share(0.68), held95: share(0.95), rmse }
}

/**
 * `npm run study -- galaxies-likelihood`: the power of the bound (see `LikelihoodPower`) with which the share of drawn
 * fields whose joint region of (Omega_m, sigma_8) holds the truth is nearest to its level, written beside the shipped
 * weights; then the quality of those posteriors on test.h5, to which nothing was fitted. Each field's form is made once
 * and kept.
 */
export async function galaxiesLikelihood(): Promise<void> {
  const drawn = join(folder, 'drawn.h5')
  await mkdir(folder, { recursive: true })
  if (!existsSync(drawn)) await stippleRun('galaxies', 'sample', '--out', drawn, ...drawnOptions, '--resume')
  const calibrating: Field[] = []
  for await (const field of readObjects(fields, drawn, { rows: { to: calibrationFields } })) calibrating.push(field)
  const training = await keptForms('drawn.h5', calibrating)
  const line = (power: number, { logScore, held68, held95 }: PowerScore) =>
    `power ${power}: log-score ${logScore.toFixed(3)}, 68% hold ${held68.toFixed(3)}, 95% hold ${held95.toFixed(3)}`
  let [best, least] = [powers[0], Number.POSITIVE_INFINITY]
  for (const power of powers) {
    const found = await score(training, power)
    print(`drawn fields, ${line(power, found)}`)
    // in standard deviations of chance
    const off = (held: number, level: number) =>
      Math.abs(held - level) / Math.sqrt((level * (1 - level)) / training.length)
    const miss = off(found.held68, 0.68) + off(found.held95, 0.95)
    if (miss < least) [best, least] = [power, miss]
  }
  const models = fileURLToPath(new URL('../../../data/models/galaxies', import.meta.url))
  writeAtomic(
    join(models, powerFile),
    `${JSON.stringify({ power: best, draws: noiseDraws, fields: training.length }, undefined, 2)}\n`,
  )
  const unseen = await score(await keptForms('test.h5', await haloFields('test.h5')), best)
  print(`test.h5, ${line(best, unseen)}; rmse ${JSON.stringify(unseen.rmse)}`)
}
