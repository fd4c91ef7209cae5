import { type Key, normal } from '../../core/index.js'
import { makeProduct } from '../../engine/linalg/product.js'
import { featureCount, type PairBasis } from './basis.js'
import { type CloseBins, makeCloseCounter, makeCloseFlow } from './closePairs.js'
import { makePairFeatures } from './features.js'

/** A cloud on its way down a ladder and the simulated one whose theta it has: `[points, 3]` each. */
export interface Matched {
  readonly drawn: Float32Array
  readonly simulated: Float32Array
}

export interface MatchedLevel {
  /** Noise level that the features take the cloud to have */
  readonly sigma: number
  /** Levels of noise added to the simulated cloud; their moments are averaged */
  readonly noises: readonly number[]
  readonly key: Key
}

/**
 * Moments in the layout of `Moments`: features of the drawn cloud with themselves, and of the simulated one with its
 * noise.
 */
export interface MatchedMoments {
  readonly rows: number
  readonly packed: Float64Array
}

export interface MatchedCounts {
  /** `[bins]` pairs by separation */
  readonly drawn: Float64Array
  readonly simulated: Float64Array
}

/** Draws of noise in the counts of simulated pairs, which are few: one draw would leave its own noise in them. */
const countDraws = 4

/** What a rung is fitted from, cloud by cloud; one thread, a fixed order. The buffers are kept from call to call. */
export async function makeMatchedMoments(basis: PairBasis, bins: CloseBins) {
  const product = await makeProduct('float32', { transposeA: true })
  const features = makePairFeatures(basis)
  const flow = makeCloseFlow(basis, bins)
  const count = makeCloseCounter(basis, bins)
  const width = featureCount(basis)
  let design = new Float32Array(0)

  const momentsOf = async ({ drawn, simulated }: Matched, level: MatchedLevel): Promise<MatchedMoments> => {
    const rows = drawn.length
    const points = rows / 3
    if (design.length !== rows * width) design = new Float32Array(rows * width)
    const right = new Float64Array(width)
    level.noises.forEach((sigma, draw) => {
      const noise = normal(level.key.split(draw), simulated.length)
      features(noised(simulated, noise, sigma), simulated.length / 3, level.sigma, design)
      addProduct(design, noise, rows / simulated.length / level.noises.length, right)
    })
    features(drawn, points, level.sigma, design)
    const matrix = { rows, columns: width, values: design }
    const { values } = await product(matrix, matrix)
    const packed = new Float64Array(((width + 1) * (width + 2)) / 2)
    let at = 0
    for (let i = 0; i < width; i++) for (let j = 0; j <= i; j++) packed[at++] = values[i * width + j]
    packed.set(right, at)
    packed[packed.length - 1] = rows
    return { rows, packed }
  }

  const flowOf = (drawn: Float32Array, sigma: number, drift: Float64Array): Float64Array =>
    flow(drawn, drawn.length / 3, sigma, drift, new Float64Array(width))

  const countsOf = ({ drawn, simulated }: Matched, sigma: number, key: Key): MatchedCounts => {
    const theirs = new Float64Array(bins.bins)
    const draws = sigma > 0 ? countDraws : 1
    for (let draw = 0; draw < draws; draw++) {
      const noise = normal(key.split(draw), simulated.length)
      count(noised(simulated, noise, sigma), simulated.length / 3, theirs)
    }
    return {
      drawn: count(drawn, drawn.length / 3, new Float64Array(bins.bins)),
      simulated: theirs.map(pairs => pairs / draws),
    }
  }
  return { momentsOf, countsOf, flowOf }
}

function noised(positions: Float32Array, noise: Float32Array, sigma: number): Float32Array {
  return positions.map((x, i) => x + sigma * noise[i])
}

/** right += weight * design^T values */
function addProduct(design: Float32Array, values: Float32Array, weight: number, right: Float64Array): void {
  const width = right.length
  for (let i = 0; i < values.length; i++) {
    const value = weight * values[i]
    for (let k = 0, at = i * width; k < width; k++, at++) right[k] += value * design[at]
  }
}
