import type { Target } from '../target.js'
import { type FromCube, standardNormalPrior } from './unitCube.js'

/** One point of a run. */
export interface NestedPoint {
  /** in the unit cube, `[dim]` */
  readonly u: Float64Array
  /** where the likelihood was asked, `[dim]` */
  readonly at: Float64Array
  /** log-likelihood, nats */
  readonly log: number
  /** It was drawn from the prior under the constraint that its log-likelihood is above this. */
  readonly birth: number
  /** log-likelihood of the point whose walk ended here, where it was a walk */
  readonly from?: number
}

/** The likelihood over the unit cube, asked for many points at once, and how often it was. */
export interface CubeLikelihood {
  readonly dim: number
  readonly evaluations: number
  ask(us: readonly Float64Array[], birth: number): Promise<NestedPoint[]>
}

/** NaN counts as likelihood zero. */
export function overCube(likelihood: Target, fromCube: FromCube = standardNormalPrior): CubeLikelihood {
  const { dim } = likelihood
  let evaluations = 0
  return {
    dim,
    get evaluations() {
      return evaluations
    },
    async ask(us, birth) {
      const rows = new Float64Array(us.length * dim)
      const at = us.map(fromCube)
      for (const [i, x] of at.entries()) rows.set(x, i * dim)
      evaluations += us.length
      const logs = await likelihood.logDensity(rows)
      return us.map((u, i) => ({ u, at: at[i], log: Number.isNaN(logs[i]) ? -Infinity : logs[i], birth }))
    },
  }
}

/** The coordinates in the cube of many points, `[n, dim]`. */
export function cubeRows(points: readonly NestedPoint[], dim: number): Float64Array {
  const rows = new Float64Array(points.length * dim)
  for (const [i, { u }] of points.entries()) rows.set(u, i * dim)
  return rows
}
