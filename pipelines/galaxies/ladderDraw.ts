import { type Key, periodicBox } from '../../core/index.js'
import { coefficientsOfRungs, descend } from '../../generative/ladder/index.js'
import { basisIn, makePairForce } from '../../gnn/pairs/index.js'
import type { LadderModel } from './ladderModel.js'

/** Where a cloud begins. */
export interface LadderStart {
  /** `[points, 3]` Mpc/h, uniform in the box */
  readonly start: Float32Array
  /** side of the box, Mpc/h */
  readonly box: number
  /** share of the box from which noise leaves nothing to be known: rungs above it are omitted */
  readonly uniformFrom: number
}

/** Draws a cloud down a ladder, on this thread, from uniform points to lifted positions `[points, 3]`. */
export async function drawByLadder(
  { basis, ladder }: LadderModel,
  theta: Readonly<Record<string, number>>,
  { start, box, uniformFrom }: LadderStart,
  key: Key,
): Promise<{ readonly lifted: Float32Array; readonly evaluations: number }> {
  const force = makePairForce(basisIn(basis, periodicBox(box)))
  const coefficients = coefficientsOfRungs(ladder, theta)
  const drift = (x: Float32Array, rung: number) =>
    force(x, x.length / 3, ladder.rungs[rung].sigma, coefficients[rung], new Float32Array(x.length))
  const first = Math.max(
    0,
    ladder.rungs.findIndex(({ sigma }) => sigma <= uniformFrom * box),
  )
  const { positions, evaluations } = await descend(ladder.rungs, drift, { start, first }, key)
  return { lifted: positions, evaluations }
}
