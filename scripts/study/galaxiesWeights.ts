import { existsSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../../core/index.js'
import { copyFiles } from './copyRun.js'
import { print } from './print.js'
import { stippleRun } from './stippleRun.js'

const trainingFile = '../shared/data/cosmology/halos/train.h5'
const run = 'runs/galaxies-weights'
/** What ships of a run. Its identity is omitted, because that names paths of the machine it was made on. */
const shipped = [
  'config.json',
  'normalisation.json',
  'pairs.safetensors',
  'ladder.safetensors',
  'marks.safetensors',
  'model.safetensors',
  'model-card.md',
]

const dataSection = `
Data: 135 fields of the 5000 heaviest halos in boxes of 1000 Mpc/h at z = 0, at cosmologies of the Quijote Latin
hypercube (its first rows), by PINOCCHIO 5.1 (3LPT, 192^3 particles, Eisenstein-Hu spectrum); made for Stipple, free to
copy. Fields of Stipple's own simulator were not used: they are close to these in clustering, but not closer than the
model is. Made by \`npm run study -- galaxies-weights\`.
`

/**
 * `npm run study -- galaxies-weights`: makes the model of halo fields that ships, in data/models/galaxies, from the
 * training fields with seed 0. If killed, it is resumed by the same command; a finished run in runs/galaxies-weights is
 * only copied.
 */
export async function galaxiesWeights(): Promise<void> {
  if (!existsSync(trainingFile))
    throw new UsageError(`expected ${trainingFile} beside the checkout`, 'got nothing', 'put the data there')
  await mkdir(dirname(run), { recursive: true })
  const train = ['--data', trainingFile, '--preset', 'ladder', '--seed', '0', '--out', run, '--resume']
  await stippleRun('galaxies', 'train', ...train)
  const models = fileURLToPath(new URL('../../../data/models/galaxies', import.meta.url))
  await copyFiles(run, models, shipped)
  await appendFile(join(models, 'model-card.md'), dataSection)
  print(`the model is in ${models}`)
}
