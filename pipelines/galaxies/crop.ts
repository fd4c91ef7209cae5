import { type ArrayValue, type Key, minimumImage, uniform } from '../../core/index.js'
import { feedsOf } from '../../gnn/layers/index.js'
import type { ExampleBatch } from './examples.js'

export interface CropOptions {
  /** points of each cloud whose noise counts */
  readonly core: number
  /** message steps of the network: what lies so many edges away from the core is kept beside it */
  readonly layers: number
  /** side of the periodic box, Mpc/h */
  readonly box: number
}

/** Numbers of kept points that share one compiled step, and of feeds. */
const pointsMultiple = 256
const feedsMultiple = 16

/**
 * A cube of each cloud of a batch with a graph: the points nearest to a random place count in the loss (`weight`),
 * those that they look at, edge by edge, are kept as margin. Noise, pair score and neighbours are those of the whole
 * cloud, so a core point's prediction is the same as in the whole box, and a step costs the network core / points of
 * it.
 */
export function cropBatch(whole: ExampleBatch, key: Key, options: CropOptions): ExampleBatch {
  const { mask, senders, positions } = whole.tensors
  const [batch, points, k] = senders.shape
  const crops = Array.from({ length: batch }, (_, row) => {
    const centre = uniform(key.split(row), 3).map(u => u * options.box)
    const rows = {
      positions: positions.values.subarray(row * points * 3, (row + 1) * points * 3),
      mask: mask.values.subarray(row * points, (row + 1) * points),
      senders: senders.values.subarray(row * points * k, (row + 1) * points * k),
    }
    return keptPoints(rows, k, centre, options)
  })
  const size = Math.ceil(Math.max(...crops.map(({ kept }) => kept.length)) / pointsMultiple) * pointsMultiple
  const tensors: Record<string, ArrayValue> = {}
  for (const [name, { shape, values }] of Object.entries(whole.tensors)) {
    if (name === 'senders' || name === 'feeds') continue
    tensors[name] = shape[1] === points ? pickedRows({ shape, values }, crops, size) : { shape, values }
  }
  const weight = new Float32Array(batch * size)
  const remapped = new Int32Array(batch * size * k)
  crops.forEach(({ kept, inside, core }, row) => {
    weight.fill(1, row * size, row * size + core)
    const placeOf = new Int32Array(points).fill(-1)
    kept.forEach((point, place) => {
      placeOf[point] = place
    })
    for (let place = 0; place < size; place++)
      for (let slot = 0; slot < k; slot++) {
        // The outermost points pass on what they are, not what they hear: they, and padding, look at themselves.
        const sender = place < inside ? placeOf[senders.values[(row * points + kept[place]) * k + slot]] : place
        remapped[(row * size + place) * k + slot] = sender
      }
    for (let place = inside; place < size; place++)
      tensors.displacements.values.fill(0, (row * size + place) * k * 3, (row * size + place + 1) * k * 3)
  })
  const feeds = crops.map((_, row) =>
    feedsOf(remapped.subarray(row * size * k, (row + 1) * size * k), size, feedsMultiple),
  )
  const width = Math.max(...feeds.map(feed => feed.width))
  const edges = new Int32Array(batch * size * width).fill(-1)
  feeds.forEach((feed, row) => {
    for (let place = 0; place < size; place++)
      edges.set(feed.edges.subarray(place * feed.width, (place + 1) * feed.width), (row * size + place) * width)
  })
  tensors.weight = { shape: [batch, size], values: weight }
  tensors.senders = { shape: [batch, size, k], values: remapped }
  tensors.feeds = { shape: [batch, size, width], values: edges }
  return { ...whole, width, tensors }
}

interface Crop {
  /** core, then what it looks at, edge by edge */
  readonly kept: readonly number[]
  readonly core: number
  /** how many of the kept have all their senders kept */
  readonly inside: number
}

function keptPoints(
  { positions, mask, senders }: Readonly<Record<'positions' | 'mask' | 'senders', ArrayLike<number>>>,
  k: number,
  centre: Float32Array,
  { core, layers, box }: CropOptions,
): Crop {
  const away = (i: number) =>
    Math.max(...[0, 1, 2].map(a => Math.abs(minimumImage(positions[3 * i + a] - centre[a], box))))
  const real = Array.from({ length: mask.length }, (_, i) => i).filter(i => mask[i] > 0)
  const distances = new Map(real.map(i => [i, away(i)] as const))
  const nearest = real.sort((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0)).slice(0, core)
  const kept = [...nearest]
  const known = new Set(kept)
  let inside = 0
  for (let hop = 0; hop < layers; hop++) {
    const end = kept.length
    for (; inside < end; inside++)
      for (let slot = 0; slot < k; slot++) {
        const sender = senders[kept[inside] * k + slot]
        if (known.has(sender)) continue
        known.add(sender)
        kept.push(sender)
      }
  }
  return { kept, core: nearest.length, inside }
}

/** Rows of the second axis, in the order of each crop, then zeros. */
function pickedRows({ shape, values }: ArrayValue, crops: readonly Crop[], size: number): ArrayValue {
  const points = shape[1]
  const each = shape.slice(2).reduce((a, b) => a * b, 1)
  const out = new Float32Array(crops.length * size * each)
  crops.forEach(({ kept }, row) => {
    kept.forEach((point, place) => {
      const from = (row * points + point) * each
      out.set(values.subarray(from, from + each), (row * size + place) * each)
    })
  })
  return { shape: [crops.length, size, ...shape.slice(2)], values: out }
}
