import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Key, Tree } from '../../core/index.js'
import { normal } from '../../core/index.js'
import { type Compiled, compile, isArrayValue, mapTree, type OrtTensor, specOf } from '../../engine/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { dwarfNames, fromCoordinates, priorNames } from '../../simulators/index.js'
import { mixtureLogDensity } from '../answers/mixture.js'
import { type Observation, observationOf, paddedTo } from './examples.js'
import type { DwarfsModel } from './model.js'

const dim = priorNames.length

/** Draws of theta given one galaxy. */
export interface PosteriorDraws {
  /** `[n, 6]` in the order of `dwarfNames` */
  readonly theta: Float64Array
  /** `[n, 6]` in the order of `priorNames`, uniform in a box under the prior */
  readonly coordinates: Float32Array
  /** `[n]` log-density over the coordinates, nats */
  readonly logProb: Float32Array
  /** of the first network */
  readonly summary: Float32Array
}

/** A model made ready to answer; programs are compiled as they are needed, one a padded size. */
export interface DwarfPosterior {
  /** Summaries of the first network, a row a galaxy. Galaxies of any sizes. */
  summaries(dwarfs: readonly Dwarf[]): Promise<Float32Array[]>
  /** `n` draws a galaxy, a multiple of the number of networks; galaxy i draws from `keys[i]`. */
  draw(dwarfs: readonly Dwarf[], n: number, keys: readonly Key[]): Promise<PosteriorDraws[]>
  close(): Promise<void>
}

/** Rows that go through the flow at once: more would leave the cache. */
const rowsAtOnce = 16_384
/** Stars that go through the embedding at once. */
const starsAtOnce = 32_768

export function dwarfPosterior(model: DwarfsModel, threads: number): DwarfPosterior {
  const { network, members } = model
  const programs = new Map<string, Promise<Compiled>>()
  const once = (name: string, make: () => Promise<Compiled>) => {
    const program = programs.get(name) ?? make()
    programs.set(name, program)
    return program
  }
  const paramSpecs = mapTree(members[0], isArrayValue, ({ shape }) => ({ shape }))

  /** `[galaxies, summaryLength]` of one network. */
  async function summarise(dwarfs: readonly Dwarf[], params: Tree<ArrayValue>): Promise<Float32Array> {
    const observation = observationOf(dwarfs, network.neighbours)
    const specs = Object.fromEntries(Object.entries(observation).map(([name, value]) => [name, specOf(value)]))
    const program = await once(`summary ${JSON.stringify(specs)}`, () =>
      compile((p: Tree<Tensor>, o: Observation<Tensor>) => network.summary(p, o), [paramSpecs, specs], {
        threads,
        name: 'summary',
      }),
    )
    return ((await program.run(params, { ...observation })) as OrtTensor).data as Float32Array
  }

  /** Groups of one padded size, so small that a group fits the memory; each with the places of its galaxies. */
  function groups(dwarfs: readonly Dwarf[], most: number): { places: number[]; dwarfs: Dwarf[] }[] {
    const bySize = new Map<number, number[]>()
    dwarfs.forEach((dwarf, place) => {
      const size = paddedTo(dwarf.stars)
      bySize.set(size, [...(bySize.get(size) ?? []), place])
    })
    return [...bySize].flatMap(([size, places]) => {
      const rows = 2 ** Math.floor(Math.log2(Math.max(1, Math.min(most, starsAtOnce / size))))
      return Array.from({ length: Math.ceil(places.length / rows) }, (_, i) => {
        const own = places.slice(i * rows, (i + 1) * rows)
        // Filled up to a power of two: each other number of rows would be another program to compile and to keep.
        const length = 2 ** Math.ceil(Math.log2(own.length))
        const filled = Array.from({ length }, (_, row) => own[row] ?? own[0])
        return { places: own, dwarfs: filled.map(place => dwarfs[place]) }
      })
    })
  }

  /**
   * Draws of one network for rows of summaries: coordinates `[galaxies, n, 6]` and log-densities under every network.
   */
  async function drawRows(
    summaries: readonly Float32Array[],
    from: number,
    galaxies: number,
    n: number,
    noise: Float32Array,
  ) {
    const length = network.summaryLength
    const own = { shape: [galaxies, length] }
    const program = await once(`draw ${galaxies} ${n}`, () =>
      compile(
        (p: Tree<Tensor>, summary: Tensor, z: Tensor) => {
          const { theta, logProb } = network.draw(p, repeated(summary, n), z)
          return { theta, logProb }
        },
        [paramSpecs, own, { shape: [galaxies * n, dim] }],
        { threads, name: 'posterior draws' },
      ),
    )
    const summary = { shape: [galaxies, length], values: summaries[from] }
    const drawn = (await program.run(members[from], summary, { shape: [galaxies * n, dim], values: noise })) as Record<
      'theta' | 'logProb',
      OrtTensor
    >
    const coordinates = (drawn.theta.data as Float32Array).slice()
    const logProbs = [(drawn.logProb.data as Float32Array).slice()]
    for (let other = 0; other < members.length; other++) {
      if (other === from) continue
      const density = await once(`density ${galaxies} ${n}`, () =>
        compile(
          (p: Tree<Tensor>, s: Tensor, x: Tensor) => network.logProbGiven(p, repeated(s, n), x),
          [paramSpecs, own, { shape: [galaxies * n, dim] }],
          { threads, name: 'posterior density' },
        ),
      )
      const theirs = { shape: [galaxies, length], values: summaries[other] }
      const found = (await density.run(members[other], theirs, {
        shape: [galaxies * n, dim],
        values: coordinates,
      })) as OrtTensor
      logProbs.push((found.data as Float32Array).slice())
    }
    return { coordinates, logProb: mixtureLogDensity(logProbs) }
  }

  return {
    async summaries(dwarfs) {
      const rows: Float32Array[] = []
      for (const group of groups(dwarfs, 256)) {
        const found = await summarise(group.dwarfs, members[0])
        const length = network.summaryLength
        group.places.forEach((place, i) => {
          rows[place] = found.slice(i * length, (i + 1) * length)
        })
      }
      return rows
    },
    async draw(dwarfs, n, keys) {
      const each = Math.ceil(n / members.length)
      const draws: PosteriorDraws[] = []
      for (const group of groups(dwarfs, Math.max(1, Math.floor(rowsAtOnce / each)))) {
        const galaxies = group.dwarfs.length
        const summaries: Float32Array[] = []
        for (const params of members) summaries.push((await summarise(group.dwarfs, params)).slice())
        const parts: { readonly coordinates: Float32Array; readonly logProb: Float32Array }[] = []
        for (let member = 0; member < members.length; member++) {
          const noise = new Float32Array(galaxies * each * dim)
          group.places.forEach((place, row) => {
            noise.set(normal(keys[place].split('noise').split(member), each * dim), row * each * dim)
          })
          parts.push(await drawRows(summaries, member, galaxies, each, noise))
        }
        group.places.forEach((place, row) => {
          const length = network.summaryLength
          const summary = summaries[0].slice(row * length, (row + 1) * length)
          draws[place] = { ...joined(parts, row, each), summary }
        })
      }
      return draws
    },
    async close() {
      for (const program of programs.values()) await (await program).release()
    },
  }
}

/** Each row `n` times: `[galaxies, length]` to `[galaxies * n, length]`. */
function repeated(rows: Tensor, n: number): Tensor {
  const [galaxies, length] = rows.shape
  return rows
    .expandDims(1)
    .mul(tf.ones([1, n, 1]))
    .reshape([galaxies * n, length!])
}

function joined(
  parts: readonly { readonly coordinates: Float32Array; readonly logProb: Float32Array }[],
  row: number,
  each: number,
): Omit<PosteriorDraws, 'summary'> {
  const n = each * parts.length
  const coordinates = new Float32Array(n * dim)
  const logProb = new Float32Array(n)
  parts.forEach((part, i) => {
    coordinates.set(part.coordinates.subarray(row * each * dim, (row + 1) * each * dim), i * each * dim)
    logProb.set(part.logProb.subarray(row * each, (row + 1) * each), i * each)
  })
  return { coordinates, logProb, theta: thetaFrom(coordinates) }
}

/** Coordinates of the prior as theta, a row each. */
export function thetaFrom(coordinates: Float32Array): Float64Array {
  const theta = new Float64Array(coordinates.length)
  for (let at = 0; at < coordinates.length; at += dim) {
    const found = fromCoordinates(coordinates.subarray(at, at + dim))
    dwarfNames.forEach((name, i) => {
      theta[at + i] = found[name]
    })
  }
  return theta
}
