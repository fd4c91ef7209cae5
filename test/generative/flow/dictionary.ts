import {
  affine,
  autoregressive,
  type Bijection,
  chain,
  coupling,
  inverted,
  invertibleLinear,
  normalBox,
  permutation,
  spline,
  standardise,
  unitCube,
} from '../../../generative/flow/index.js'
import {
  affineOracle,
  autoregressiveOracle,
  boxOracle,
  chainOracle,
  couplingOracle,
  linearOracle,
  type Oracle,
  splineOracle,
} from './oracle.js'

export interface Case {
  readonly make: Bijection
  readonly oracle: Oracle
  /** the oracle is of the inverse: it makes x from y */
  readonly backwards?: true
  /**
   * how far parameters are moved from their start; splines less, for where the slope is below 0.03 float32 cannot come
   * back to 1e-5
   */
  readonly awake?: number
  /** points are standard normal times this */
  readonly spread?: number
  /** points are these shares of the box instead, uniform */
  readonly inside?: readonly [number, number]
}

const shared = { dim: 3, hidden: [12, 10], conditions: 2 }
const bare = { ...shared, conditions: 0 }
const pieces = spline({ bins: 5, bound: 3 })
const order = [1, 2, 0]
const box = { low: [-1, 0, 5], high: [2, 0.25, 8] }

/** All bijections. A new one is a line here and cannot escape the laws. */
export const bijections: Readonly<Record<string, Case>> = {
  'masked autoregressive': {
    make: autoregressive({ ...shared, elementwise: affine }),
    oracle: autoregressiveOracle(affineOracle, 2, [0, 1, 2], 2),
  },
  'masked autoregressive, no condition, another order': {
    make: autoregressive({ ...bare, elementwise: affine, order }),
    oracle: autoregressiveOracle(affineOracle, 2, order, 0),
  },
  'masked autoregressive, one axis': {
    make: autoregressive({ ...shared, dim: 1, hidden: [7], elementwise: affine }),
    oracle: autoregressiveOracle(affineOracle, 2, [0], 2),
  },
  'inverse autoregressive': {
    make: inverted(autoregressive({ ...shared, elementwise: affine })),
    oracle: autoregressiveOracle(affineOracle, 2, [0, 1, 2], 2),
    backwards: true,
  },
  'autoregressive spline': {
    make: autoregressive({ ...shared, elementwise: pieces, order }),
    oracle: autoregressiveOracle(splineOracle(5, 3), 14, order, 2),
    spread: 2,
    awake: 0.12,
  },
  'affine coupling': {
    make: coupling({ ...shared, elementwise: affine }),
    oracle: couplingOracle(affineOracle, 2, 1),
  },
  'affine coupling, no condition': {
    make: coupling({ ...bare, elementwise: affine, kept: 2 }),
    oracle: couplingOracle(affineOracle, 2, 2),
  },
  'spline coupling': {
    make: coupling({ ...shared, elementwise: pieces }),
    oracle: couplingOracle(splineOracle(5, 3), 14, 1),
    spread: 2,
    awake: 0.12,
  },
  'spline coupling of the condition alone': {
    make: coupling({ ...shared, dim: 1, elementwise: pieces }),
    oracle: couplingOracle(splineOracle(5, 3), 14, 0),
    awake: 0.12,
  },
  permutation: { make: permutation(order), oracle: (_, x) => ({ y: order.map(i => x[i]), logDet: 0 }) },
  'invertible linear': { make: invertibleLinear(3), oracle: linearOracle },
  standardise: {
    make: standardise([1, -2, 3], [2, 0.5, 1.5]),
    oracle: (_, x) => ({
      y: [(x[0] - 1) / 2, (x[1] + 2) / 0.5, (x[2] - 3) / 1.5],
      logDet: -Math.log(2 * 0.5 * 1.5),
    }),
  },
  'unit cube': { make: unitCube(3), oracle: boxOracle([0, 0, 0], [1, 1, 1]), spread: 0.8 },
  box: { make: normalBox(box.low, box.high), oracle: boxOracle(box.low, box.high), spread: 0.8 },
  'out of the box': {
    make: inverted(normalBox(box.low, box.high)),
    oracle: boxOracle(box.low, box.high),
    backwards: true,
    inside: [0.02, 0.98],
  },
  chain: {
    make: chain([invertibleLinear(3), coupling({ ...shared, elementwise: affine }), permutation(order)]),
    oracle: chainOracle([
      linearOracle,
      couplingOracle(affineOracle, 2, 1),
      (_, x) => ({ y: order.map(i => x[i]), logDet: 0 }),
    ]),
  },
}

/** A point of the box above at these shares. */
export function inBox(shares: readonly number[]): number[] {
  return shares.map((u, i) => box.low[i] + (box.high[i] - box.low[i]) * u)
}
