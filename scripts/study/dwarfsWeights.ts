import { existsSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyFiles } from './copyRun.js'
import { print } from './print.js'
import { stippleRun } from './stippleRun.js'

const folder = 'runs/dwarfs-weights'
/** What ships of a run. Its identity is omitted, because that names paths of the machine it was made on. */
const shipped = ['config.json', 'model.safetensors', 'model-card.md']

/** Most galaxies with 100 stars, some with other numbers of stars, some with foreground stars among theirs. */
const simulated: Readonly<Record<string, readonly string[]>> = {
  'hundred.h5': ['--n', '160000', '--seed', '1'],
  'many.h5': ['--n', '24000', '--seed', '2', '--stars', '20:2000'],
  'some-foreground.h5': ['--n', '12000', '--seed', '3', '--contaminants', '0.05'],
  'more-foreground.h5': ['--n', '12000', '--seed', '4', '--contaminants', '0.25'],
}

const dataSection = `
Data: \`stipple dwarfs simulate\`, default prior, velocity errors of 0.1 to 5 km/s or none, with the options

${Object.values(simulated)
  .map(words => `- \`${words.join(' ')}\``)
  .join('\n')}

Made by \`npm run study -- dwarfs-weights\`. No binaries; positions are complete to any radius.
`

/**
 * `npm run study -- dwarfs-weights`: makes the posterior of dwarf galaxies that ships, in data/models/dwarfs, from
 * simulations it makes itself, with seed 0. If killed, it is resumed by the same command; a finished run is only
 * copied.
 */
export async function dwarfsWeights(): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, words] of Object.entries(simulated)) {
    const path = join(folder, name)
    if (!existsSync(path)) await stippleRun('dwarfs', 'simulate', '--out', path, ...words)
  }
  const run = join(folder, 'run')
  const data = Object.keys(simulated).map(name => join(folder, name))
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
  await copyFiles(run, models, shipped)
  await appendFile(join(models, 'model-card.md'), dataSection)
  print(`the model is in ${models}`)
}
