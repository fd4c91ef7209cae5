import { existsSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyFiles } from './copyRun.js'
import { print } from './print.js'
import { stippleRun } from './stippleRun.js'

const FOLDER = 'runs/galaxies-posterior'
const SHIPPED = ['config.json', 'model.safetensors', 'model-card.md']

/** Fields drawn by the shipped emulator, theta from its prior: those learned from, and those it is judged by. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  'training.h5': ['--n', '600', '--seed', '1001'],
  'unseen.h5': ['--n', '400', '--seed', '2000'],
}

const DATA = `
Fields: drawn by the shipped emulator (data/models/galaxies), not by simulations: \`stipple galaxies sample ${FILES['training.h5'].join(' ')}\`.
Judged by \`stipple galaxies sample ${FILES['unseen.h5'].join(' ')}\`. Made by \`npm run study -- galaxies-posterior\`.
`

/**
 * `npm run study -- galaxies-posterior`: makes the posterior of cosmological parameters that ships, in
 * data/models/galaxies-posterior, from fields that the shipped emulator draws, with seed 0; then judges it by 400
 * others. Killed, it goes on where it was.
 */
export async function galaxiesPosterior(): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  for (const [name, words] of Object.entries(FILES)) {
    const path = join(FOLDER, name)
    if (!existsSync(path)) await stippleRun('galaxies', 'sample', '--out', path, ...words, '--resume')
  }
  const run = join(FOLDER, 'run')
  const data = join(FOLDER, 'training.h5')
  await stippleRun('galaxies', 'train', '--objective', 'npe', '--data', data, '--seed', '0', '--out', run, '--resume')
  const models = fileURLToPath(new URL('../../../data/models/galaxies-posterior', import.meta.url))
  await copyFiles(run, models, SHIPPED)
  await appendFile(join(models, 'model-card.md'), DATA)
  const report = join(FOLDER, 'unseen.html')
  const unseen = join(FOLDER, 'unseen.h5')
  await stippleRun('galaxies', 'evaluate', '--method', 'npe', '--data', unseen, '--out', report, '--force', '--json')
  print(`the posterior is in ${models}`)
}
