import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Key, makeKey, normal, uniform } from '../../core/index.js'
import { methodNames } from '../../generative/sbi/methodNames.js'
import { readNumbers, type StoredTensor, withHdf5, writeHdf5 } from '../../io/index.js'

/** Runs one command line of `stipple`; rejects where it fails. */
export type Line = (args: readonly string[]) => Promise<void>

/** What a line leaves, and under which name its datasets are kept. */
interface Step {
  readonly name: string
  readonly args: readonly string[]
  /** the file, where draws or objects are in it */
  readonly file?: string
  readonly datasets?: readonly string[]
}

const tiny =
  'network.layers=2 network.hidden=[16] network.width=16 network.blocks=1 train.batch=32 train.epochs=6 train.members=2'
const settings = (text: string) => text.split(' ').flatMap(setting => ['--set', setting])

/** Every road from what ships or from a fixed seed to draws, small. */
function steps(folder: string): Step[] {
  const at = (name: string) => join(folder, name)
  const stars = 'data/dwarfs/mock.csv'
  const draws = ['draws', 'log_prob']
  const cloud = ['positions', 'velocities', 'log_mass', 'theta']
  const infer = (name: string, ...args: string[]): Step => ({
    name,
    args: [...args, '--out', at(`${name}.h5`)],
    file: at(`${name}.h5`),
    datasets: draws,
  })
  const made = (name: string, datasets: readonly string[], ...args: string[]): Step => ({
    name,
    args: [...args, '--out', at(`${name}.h5`)],
    file: at(`${name}.h5`),
    datasets,
  })
  const learned = (name: string, method: string, data: string, observation: string, more: string): Step[] => [
    {
      name: `train ${name}`,
      args: `densities train --data ${data} --method ${method} --seed 3 --out ${at(name)}`
        .split(' ')
        .concat(settings(more)),
    },
    infer(name, ...`densities infer --run ${at(name)} --observation ${observation} --n 200 --seed 5`.split(' ')),
  ]
  return [
    made('galaxies-sample', cloud, ...'galaxies sample --omega-m 0.3 --sigma-8 0.8 --n 1 --seed 2'.split(' ')),
    infer('galaxies-npe', ...`galaxies infer --data ${at('galaxies-sample.h5')} --method npe --n 200`.split(' ')),
    infer('galaxies-nuts', ...`galaxies infer --data ${at('galaxies-sample.h5')} --method nuts --n 100`.split(' ')),
    infer('dwarfs-npe', ...`dwarfs infer ${stars} --galaxy draco --n 200`.split(' ')),
    infer('dwarfs-jeans', ...`dwarfs infer ${stars} --galaxy draco --method jeans --n 200`.split(' ')),
    made('galaxies-simulate', cloud, ...'galaxies simulate --n 2 --points 100 --box 400 --grid 16 --seed 4'.split(' ')),
    made(
      'dwarfs-simulate',
      ['positions', 'velocities', 'velocity_errors', 'theta'],
      ...'dwarfs simulate --n 12 --seed 4'.split(' '),
    ),
    made('densities-simulate', ['theta', 'x'], ...'densities simulate --task two_moons --n 300 --seed 4'.split(' ')),
    ...methodNames.flatMap(method =>
      learned(`densities-${method}`, method, at('densities-simulate.h5'), at('moons.csv'), tiny),
    ),
    ...learned(
      'densities-sets',
      'npe',
      at('sets.h5'),
      at('set.csv'),
      `${tiny} embedding.kind=message-passing embedding.width=8 embedding.layers=1 embedding.outputs=4 embedding.neighbours=3`,
    ),
  ]
}

/**
 * Draws of every shipped model and of every method that a fixed seed trains, as tensors by `step/dataset`. They change
 * only where an answer does.
 *
 * @param folder an empty folder that the files go to
 */
export async function goldenDraws(line: Line, folder: string): Promise<Record<string, StoredTensor>> {
  writeFileSync(join(folder, 'moons.csv'), '0.1,-0.2\n')
  await writeSets(join(folder, 'sets.h5'), join(folder, 'set.csv'), makeKey(6))
  const tensors: Record<string, StoredTensor> = {}
  for (const { name, args, file, datasets = [] } of steps(folder)) {
    await line([...args, '--threads', '1', '--quiet'])
    if (file === undefined) continue
    await withHdf5(file, async h5 => {
      for (const dataset of datasets) {
        const { values, shape } = await numbersOf(h5, dataset)
        tensors[`${name}/${dataset}`] = { shape, values }
      }
    })
  }
  return tensors
}

async function numbersOf(h5: Parameters<typeof readNumbers>[0], dataset: string) {
  const { shape } = h5.dataset(dataset)
  const values = await readNumbers(h5, dataset)
  return {
    shape: [...(shape ?? [])],
    values: values instanceof Float64Array ? values : Float32Array.from(values as Float32Array),
  }
}

/** Sets of 12 points in space whose spread is theta, 120 of them, and one to ask about. */
async function writeSets(path: string, observation: string, key: Key): Promise<void> {
  const [rows, points] = [120, 12]
  const theta = Float32Array.from(uniform(key.split('theta'), rows), u => 0.5 + u)
  const noise = normal(key.split('x'), rows * points * 3)
  const x = noise.map((e, i) => e * theta[Math.floor(i / (points * 3))])
  await writeHdf5(path, {}, writer => {
    writer.write('theta', theta, { shape: [rows, 1], units: '', attributes: { names: ['spread'] } })
    writer.write('x', x, { shape: [rows, points, 3], units: '' })
  })
  const one = Array.from({ length: points }, (_, i) => Array.from(x.subarray(3 * i, 3 * i + 3)).join(','))
  writeFileSync(observation, `${one.join('\n')}\n`)
}
