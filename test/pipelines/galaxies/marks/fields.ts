import { makeKey, normal, periodicBox, uniform } from '../../../../core/index.js'
import { makePairFinder } from '../../../../gnn/pairs/index.js'
import type { Field } from '../../../../io/galaxies/field.js'

export const LENGTH = 300

/**
 * A field whose marks are known: half of the points are companions 3 to 15 Mpc/h from another. Points fall towards each
 * neighbour within 40 Mpc/h at `pull` km/s, all share one slow shear wave, and each has noise of its own; a point's
 * log-mass grows with its near neighbours, on an exponential.
 */
export function clusteredField(seed: number, pull: number, points = 400): Field {
  const key = makeKey(seed).split('field')
  const centres = uniform(key.split('centres'), 3 * points)
  const offsets = normal(key.split('offsets'), 3 * points)
  const positions = new Float32Array(3 * points).map((_, at) => {
    const companion = Math.floor(at / 3) % 2 === 1
    const x = companion ? LENGTH * centres[at - 3] + 6 * offsets[at] : LENGTH * centres[at]
    return ((x % LENGTH) + LENGTH) % LENGTH
  })
  const pairs = makePairFinder([LENGTH, LENGTH, LENGTH], 40)(positions, points)
  const phase = 2 * Math.PI * uniform(key.split('phase'), 1)[0]
  const noise = normal(key.split('noise'), 3 * points)
  const velocities = Float32Array.from(noise, (n, at) => {
    const wave = at % 3 === 0 ? 150 * Math.sin((2 * Math.PI * positions[at]) / LENGTH + phase) : 0
    return 60 * n + wave
  })
  const near = new Float64Array(points)
  for (let q = 0; q < points; q++)
    for (let p = pairs.offsets[q]; p < pairs.offsets[q + 1]; p++) {
      const r = pairs.geometry[4 * p + 3]
      if (r < 12) near[pairs.order[q]]++
      for (let axis = 0; axis < 3; axis++)
        velocities[3 * pairs.order[q] + axis] += r > 0 ? (pull * pairs.geometry[4 * p + axis]) / r : 0
    }
  const u = uniform(key.split('masses'), points)
  const logMass = Float32Array.from(u, (v, i) => 14 - 0.3 * Math.log10(v) + 0.15 * near[i])
  return { points, positions, velocities, logMass, box: periodicBox(LENGTH), theta: { omega_m: 0.2 + pull / 1000 } }
}

/** The cloud turned by a signed permutation of the axes: `turned[a] = signs[a] * values[axes[a]]`. */
export function turn(values: Float32Array, axes: readonly number[], signs: readonly number[]): Float32Array {
  return values.map((_, at) => signs[at % 3] * values[at - (at % 3) + axes[at % 3]])
}
