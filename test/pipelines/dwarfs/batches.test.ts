import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { productPrior } from '../../../generative/prior/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { type BatchPosition, dwarfPairs, galaxiesPerBatch } from '../../../pipelines/dwarfs/batches.js'
import { type DwarfsConfig, dwarfsConfig } from '../../../pipelines/dwarfs/config.js'
import { observationOf, paddedStars, paddedTo } from '../../../pipelines/dwarfs/examples.js'
import { dwarfReader } from '../../../pipelines/dwarfs/reader.js'
import { contextFeatures, seeDwarf, starFeatures } from '../../../pipelines/dwarfs/seenDwarf.js'
import type { Pairs } from '../../../pipelines/learn/members.js'
import { type ChunkedSource, chunksOf } from '../../../pipelines/stream/index.js'
import { type DwarfPrior, dwarfPrior, fromCoordinates, priorNames } from '../../../simulators/dwarfs/index.js'
import { strewn } from './tiny.js'

const key = makeKey(31)

/** Galaxies that can be told by their theta: gamma is their number. */
function numbered(sizes: readonly number[]): Dwarf[] {
  return sizes.map((stars, i) => ({
    ...strewn(key.split(i), stars),
    theta: fromCoordinates([i, -0.5 + 0.01 * i, 6, 0.5, -0.25, 1 + 0.01 * i]),
  }))
}

/** One that holds all the numbers. */
const prior: DwarfPrior = { ...dwarfPrior, gamma: [-1, 50] }
const box = productPrior(Object.fromEntries(priorNames.map(name => [name, { uniform: prior[name] }])))

function configWith({ batch, augment = { thin: 0, noise: 0 }, neighbours }: Wanted): DwarfsConfig {
  const embedding = neighbours === undefined ? {} : { kind: 'chebyshev', neighbours }
  return dwarfsConfig.parse({ augment, embedding, train: { batch } })
}

interface Wanted {
  readonly batch: number
  readonly augment?: Partial<DwarfsConfig['augment']>
  readonly neighbours?: number
  readonly indices?: readonly number[]
  readonly chunkSize?: number
  readonly from?: BatchPosition
}

/** Pairs, and what a network is given of them: the galaxies as its reader encodes them, and the prior's coordinates. */
interface DwarfBatch extends Pairs<Dwarf, BatchPosition> {
  readonly tensors: ReturnType<ReturnType<typeof dwarfReader>['encode']>
  readonly target: Float64Array
}

/** The first `count` batches of the stream. */
async function taken(dwarfs: readonly Dwarf[], count: number, wanted: Wanted): Promise<DwarfBatch[]> {
  const indices = Int32Array.from(wanted.indices ?? dwarfs.keys())
  const source: ChunkedSource<Dwarf> = chunksOf(dwarfs, wanted.chunkSize ?? 4)
  const config = configWith(wanted)
  const reader = dwarfReader(config)
  const stream = dwarfPairs(source, { key, indices, config, prior }, wanted.from)
  const batches: DwarfBatch[] = []
  for await (const batch of stream(new AbortController().signal)) {
    const target = box.toTheta(Float64Array.from(batch.z))
    batches.push({ ...batch, tensors: reader.encode(batch.objects), target })
    if (batches.length === count) break
  }
  return batches
}

/** The numbers of a batch's galaxies. */
function galaxiesOf({ objects, target }: Pick<DwarfBatch, 'objects' | 'target'>): number[] {
  return Array.from(objects, (_, row) => Math.round(target[row * priorNames.length]))
}

/** A batch by its numbers alone. */
const comparable = ({ key, ...batch }: DwarfBatch) => ({ ...batch, key: key.words })

t.test('every galaxy of an epoch comes once, with its own stars and theta', async t => {
  const dwarfs = numbered([20, 30, 31, 12, 9, 28, 25, 14])
  const batches = await taken(dwarfs, 4, { batch: 4 })
  for (const epoch of [0, 1]) {
    const own = batches.filter(batch => batch.next.epoch === epoch)
    t.same(own.flatMap(galaxiesOf).sort(), [0, 1, 2, 3, 4, 5, 6, 7], `epoch ${epoch}`)
  }
  t.notSame(batches.slice(0, 2).map(galaxiesOf), batches.slice(2).map(galaxiesOf), 'in another order the second time')
  for (const { tensors, objects, target } of batches) {
    const { features, mask, context } = tensors
    t.same(
      [features.shape, mask.shape, context.shape],
      [
        [4, 32, starFeatures],
        [4, 32],
        [4, contextFeatures],
      ],
    )
    t.equal(objects.length, 4)
    galaxiesOf({ objects, target }).forEach((number, row) => {
      const seen = seeDwarf(dwarfs[number])
      const [first, used] = [row * 32 * starFeatures, seen.stars * starFeatures]
      t.ok(isDeepStrictEqual(features.values.slice(first, first + used), seen.features))
      t.ok(features.values.subarray(first + used, first + 32 * starFeatures).every(x => x === 0))
      t.equal(
        Array.from(mask.values.slice(row * 32, row * 32 + 32)).reduce((a, b) => a + b),
        seen.stars,
      )
      t.ok(isDeepStrictEqual(context.values.slice(row * contextFeatures, (row + 1) * contextFeatures), seen.context))
      const [, rs, , share, , multiple] = target.subarray(row * 6, row * 6 + 6)
      t.match(
        [rs + 0.5, share - 0.5, multiple - 1].map(x => Math.round(1e4 * x) / 1e4),
        [0.01 * number, 0, 0.01 * number],
      )
    })
  }
})

t.test('only the galaxies that take part come', async t => {
  const dwarfs = numbered([20, 30, 31, 12, 9, 28, 25, 14])
  const batches = await taken(dwarfs, 6, { batch: 2, indices: [1, 3, 4, 6] })
  t.same([...new Set(batches.flatMap(galaxiesOf))].sort(), [1, 3, 4, 6])
})

t.test('law: begun at any position, also within an epoch, the same batches come as from the start', async t => {
  const dwarfs = numbered(Array.from({ length: 23 }, (_, i) => 10 + ((37 * i) % 90)))
  const wanted = { batch: 4, augment: { thin: 0.5, starsLeast: 5, noise: 0.5 }, neighbours: 3 }
  const whole = await taken(dwarfs, 14, wanted)
  t.ok(whole[13].next.epoch >= 2, 'several epochs')
  for (const at of [1, 3, 5, 9]) {
    const rest = await taken(dwarfs, 14 - at, { ...wanted, from: whole[at - 1].next })
    t.ok(
      isDeepStrictEqual(rest.map(comparable), whole.slice(at).map(comparable)),
      `from ${JSON.stringify(whole[at - 1].next)}`,
    )
  }
})

t.test('galaxies of one padded size come together, the larger the fewer', async t => {
  t.same([2, 32, 33, 96, 160, 161, 5120, 5121].map(paddedTo), [32, 32, 64, 96, 160, 256, 5120, 8192])
  for (const size of paddedStars) {
    const rows = galaxiesPerBatch(size, 128)
    t.ok(rows % 2 === 0 && rows >= 2 && rows <= 128)
    t.ok(rows === 2 || rows * size <= 128 * 160, `${rows} galaxies of ${size} stars`)
  }
  const sizes = [...Array.from({ length: 16 }, () => 20), ...Array.from({ length: 6 }, () => 200)]
  const batches = await taken(numbered(sizes), 5, { batch: 8 })
  const shapes = batches.map(({ tensors }) => tensors.mask.shape.join())
  t.same([...new Set(shapes)].sort(), ['4,256', '8,32'])
  for (const { tensors, objects, target, weight } of batches) {
    const [rows, stars] = tensors.mask.shape
    t.equal(rows, stars === 32 ? 8 : galaxiesPerBatch(256, 8))
    t.equal(objects.length, rows)
    t.equal(weight, rows / 8, 'so that each galaxy counts alike')
    t.ok(galaxiesOf({ objects, target }).every(number => number < 16 === (stars === 32)))
  }
})

t.test(
  'a size with too few galaxies for a batch comes once an epoch, filled up; what is left of others waits',
  async t => {
    // Eleven of the first size, two batches of four; three of the second, fewer than one batch.
    const sizes = [...Array.from({ length: 11 }, () => 20), 50, 60, 64]
    const batches = await taken(numbered(sizes), 6, { batch: 4 })
    for (const epoch of [0, 1]) {
      const own = batches.filter(batch => batch.next.epoch === epoch)
      t.equal(own.length, 3)
      const small = own.slice(0, 2).flatMap(galaxiesOf)
      t.ok(new Set(small).size === 8 && small.every(number => number < 11))
      const rare = galaxiesOf(own[2])
      t.same([...new Set(rare)].sort(), [11, 12, 13], 'each of the rare ones')
      t.equal(rare.length, 4, 'one of them twice')
    }
  },
)

t.test('graphs have k neighbours also where a galaxy has fewer stars, and padding its own', async t => {
  const dwarfs = [strewn(key, 3), strewn(key.split('other'), 40)]
  const { senders, displacements } = observationOf(dwarfs, 5)
  t.same(
    [senders?.shape, displacements?.shape],
    [
      [2, 64, 5],
      [2, 64, 5, 2],
    ],
  )
  dwarfs.forEach((dwarf, row) => {
    const { positions } = seeDwarf(dwarf)
    for (let i = 0; i < 64; i++) {
      const own = Array.from({ length: 5 }, (_, slot) => (row * 64 + i) * 5 + slot)
      const from = own.map(at => senders?.values[at] as number)
      if (i >= dwarf.stars) {
        t.same(from, [i, i, i, i, i])
        continue
      }
      t.ok(from.every(sender => sender < dwarf.stars && sender !== i))
      const others = Array.from({ length: dwarf.stars }, (_, j) => j).filter(j => j !== i)
      const distance = (j: number) =>
        Math.hypot(positions[2 * j] - positions[2 * i], positions[2 * j + 1] - positions[2 * i + 1])
      const nearest = others.sort((a, b) => distance(a) - distance(b)).slice(0, 5)
      t.same([...new Set(from)].sort(), nearest.sort(), `star ${i} of galaxy ${row}`)
      own.forEach((at, slot) => {
        const along = Math.hypot(displacements?.values[2 * at] ?? 0, displacements?.values[2 * at + 1] ?? 0)
        if (Math.abs(along - distance(from[slot])) > 1e-5) t.fail(`displacement ${along} of star ${i}`)
      })
    }
  })
})
