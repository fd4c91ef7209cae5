import { existsSync, readFileSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeKey } from '../../core/index.js'
import { fieldLikelihood } from '../../pipelines/galaxies/inference/fieldLikelihood.js'
import { loadGalaxiesModel } from '../../pipelines/galaxies/model.js'
import { runOrShipped } from '../../pipelines/run/shipped.js'
import { haloFields } from './haloFields.js'
import { print } from './print.js'

const FOLDER = 'runs/galaxies-likelihood'
const DRAWS = 4

/** A field's quadratic form, as kept from one run of the study to the next. */
export interface KeptForm {
  readonly file: string
  readonly index: number
  readonly theta: Readonly<Record<string, number>>
  readonly draws: readonly { readonly matrix: readonly number[]; readonly vector: readonly number[] }[]
}

/** The quadratic forms of all fields of a file, each made once. */
export async function keptForms(file: string): Promise<KeptForm[]> {
  await mkdir(FOLDER, { recursive: true })
  const path = join(FOLDER, `${file}.jsonl`)
  const kept = existsSync(path)
    ? readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as KeptForm)
    : []
  const model = await loadGalaxiesModel(runOrShipped('galaxies', undefined))
  for (const [index, field] of (await haloFields(file)).entries()) {
    if (kept.some(form => form.index === index)) continue
    const key = makeKey(0).split(file).split(index)
    const { draws } = await fieldLikelihood(model, field, { draws: DRAWS, threads: 2, key })
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
