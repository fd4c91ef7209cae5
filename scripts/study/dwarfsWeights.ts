import { existsSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyFiles } from './copyRun.js'
import { print } from './print.js'
import { stippleRun } from './stippleRun.js'

const FOLDER = 'runs/dwarfs-weights'
/** What ships of a run. Its identity names paths of the machine it was made on, and is left out. */
const SHIPPED = ['config.json', 'model.safetensors', 'model-card.md']

/** Most galaxies as the field has them, some with more stars than that, some with foreground stars among theirs. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  'hundred.h5': ['--n', '160000', '--seed', '1'],
  'many.h5': ['--n', '24000', '--seed', '2', '--stars', '20:2000'],
  'some-foreground.h5': ['--n', '12000', '--seed', '3', '--contaminants', '0.05'],
  'more-foreground.h5': ['--n', '12000', '--seed', '4', '--contaminants', '0.25'],
}

const DATA = `
Data: \`stipple dwarfs simulate\` with ${Object.values(FILES)
  .map(words => `\`${words.join(' ')}\``)
  .join(', ')}: default prior, velocity errors of 0.1 to 5 km/s or none.
Made by \`npm run study -- dwarfs-weights\`. No binaries; positions are complete to any radius.
`

/**
 * `npm run study -- dwarfs-weights`: makes the posterior of dwarf galaxies that ships, in data/models/dwarfs, from
 * simulations it makes itself, with seed 0. Killed, it goes on where it was; a finished run is copied as it is.
 */
export async function dwarfsWeights(): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  for (const [name, words] of Object.entries(FILES)) {
    const path = join(FOLDER, name)
    if (!existsSync(path)) await stippleRun('dwarfs', 'simulate', '--out', path, ...words)
  }
  const run = join(FOLDER, 'run')
  const data = Object.keys(FILES).map(name => join(FOLDER, name))
  await stippleRun(
    'dwarfs',
    'train',
    '--data',
    ...data,
    '--preset',
    'standard',
    '--seed',
    '0',
    '--out',
    run,
    '--resume',
  )
  const models = fileURLToPath(new URL('../../../data/models/dwarfs', import.meta.url))
  await copyFiles(run, models, SHIPPED)
  await appendFile(join(models, 'model-card.md'), DATA)
  print(`the model is in ${models}`)
}
