import { type CholeskySolver, makeCholesky } from '../../engine/linalg/cholesky.js'
import { fitRidge, type RidgeFit, type RidgeRow } from './ridge.js'

/** One noise level. */
export interface RidgeTask {
  readonly training: readonly RidgeRow[]
  readonly heldOut: readonly RidgeRow[]
  readonly penalties: readonly number[]
  readonly ridges: readonly number[]
  readonly floor?: number
}

/** Kept from task to task: a session, no numbers. */
let solver: Promise<CholeskySolver> | undefined

export default async function run({ training, heldOut, penalties, ridges, floor }: RidgeTask): Promise<RidgeFit> {
  solver ??= makeCholesky()
  return fitRidge(training, heldOut, { penalties, ridges, floor }, await solver)
}
