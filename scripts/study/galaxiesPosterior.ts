import { existsSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyFiles } from './copyRun.js'
import { print } from './print.js'
import { stippleRun } from './stippleRun.js'

const folder = 'runs/galaxies-posterior'
const shipped = ['config.json', 'model.safetensors', 'model-card.md']

/** Fields drawn by the shipped emulator, theta from its prior: for training, and for the test of what was trained. */
const drawn: Readonly<Record<string, readonly string[]>> = {
  'training.h5': ['--n', '600', '--seed', '1001'],
  'unseen.h5': ['--n', '400', '--seed', '2000'],
}

const dataSection = `
Fields: drawn by the shipped emulator (data/models/galaxies), not by simulations:
\`stipple galaxies sample ${drawn['training.h5'].join(' ')}\`.
Tested on \`stipple galaxies sample ${drawn['unseen.h5'].join(' ')}\`. Made by \`npm run study -- galaxies-posterior\`.
`

/**
 * `npm run study -- galaxies-posterior`: makes the posterior of cosmological parameters that ships, in
 * data/models/galaxies-posterior, from fields that the shipped emulator draws, with seed 0; then tests it on 400
 * others. If killed, it is resumed by the same command.
 */
export async function galaxiesPosterior(): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, words] of Object.entries(drawn)) {
    const path = join(folder, name)
    if (!existsSync(path)) await stippleRun('galaxies', 'sample', '--out', path, ...words, '--resume')
  }
  const run = join(folder, 'run')
  const data = join(folder, 'training.h5')
  await stippleRun('galaxies', 'train', '--objective', 'npe', '--data', data, '--seed', '0', '--out', run, '--resume')
  const models = fileURLToPath(new URL('../../../data/models/galaxies-posterior', import.meta.url))
  await copyFiles(run, models, shipped)
  await appendFile(join(models, 'model-card.md'), dataSection)
  const report = join(folder, 'unseen.html')
  const unseen = join(folder, 'unseen.h5')
  await stippleRun('galaxies', 'evaluate', '--method', 'npe', '--data', unseen, '--out', report, '--force', '--json')
  print(`the posterior is in ${models}`)
}
