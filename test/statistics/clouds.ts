import { type Box, integers, type Key, minimumImage, uniform } from '../../core/index.js'

/** Uniform, independent points in a cube: a Poisson process given its number. */
export function poissonPoints(key: Key, points: number, length: number): Float32Array {
  return uniform(key, [points, 3]).map(u => u * length)
}

/** A Neyman-Scott process: `children` points uniform within a small cube around each of `parents` uniform centres. */
export function clusteredPoints(
  key: Key,
  parents: number,
  children: number,
  spread: number,
  length: number,
): Float32Array {
  const centres = poissonPoints(key.split('parents'), parents, length)
  const offsets = uniform(key.split('children'), [parents * children, 3])
  return Float32Array.from(offsets, (u, at) => {
    const parent = Math.floor(at / (3 * children))
    const x = centres[3 * parent + (at % 3)] + (u - 0.5) * spread
    return Math.fround(x - length * Math.floor(x / length)) % length
  })
}

/** Points of quadratic congruences, the same in any language that has 64-bit integers and float32. */
export function quadraticPoints(points: number, length: number): Float32Array {
  const axes = [
    [7919n, 104729n, 1000003n],
    [6007n, 15485n, 999983n],
    [31n, 27449n, 999979n],
  ]
  return Float32Array.from({ length: 3 * points }, (_, at) => {
    const i = BigInt(Math.floor(at / 3))
    const [a, b, p] = axes[at % 3]
    return (Number((i * i * a + i * b) % p) / Number(p)) * length
  })
}

/** All pairs by the direct sum, in float64: the oracle. */
export function directPairCounts(positions: ArrayLike<number>, box: Box, edges: readonly number[]): number[] {
  const counts = edges.slice(1).map(() => 0)
  const points = positions.length / 3
  for (let i = 0; i < points; i++) {
    for (let j = i + 1; j < points; j++) {
      let r2 = 0
      for (let axis = 0; axis < 3; axis++) {
        r2 += minimumImage(positions[3 * i + axis] - positions[3 * j + axis], box[axis]) ** 2
      }
      for (let b = 0; b < counts.length; b++) if (r2 >= edges[b] ** 2 && r2 < edges[b + 1] ** 2) counts[b]++
    }
  }
  return counts
}

/** Positions moved by whole multiples of 1/1024 of the box, so that float32 rounds nothing, and wrapped. */
export function translated(positions: Float32Array, length: number, key: Key): Float32Array {
  const shift = integers(key, 3, 1024)
  return positions.map((x, at) => (x + (shift[at % 3] * length) / 1024) % length)
}
