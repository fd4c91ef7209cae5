import { type Key, periodicBox } from '../../core/index.js'
import { coefficientsOfRungs, descend } from '../../generative/ladder/index.js'
import { basisIn, makePairForce } from '../../gnn/pairs/index.js'
import type { LadderModel } from './ladderModel.js'

/**
 * Draws a cloud down a ladder, on this thread: from `start`, uniform points of a box with side `box` Mpc/h, to lifted
 * positions `[points, 3]`.
 *
 * @param uniformFrom share of the box from which noise leaves nothing to be known: rungs above it are left out
 */
export async function drawByLadder(
  { basis, ladder }: LadderModel,
  theta: Readonly<Record<string, number>>,
  start: Float32Array,
  box: number,
  uniformFrom: number,
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
  const { positions, evaluations } = await descend(ladder.rungs, drift, start, key, first)
  return { lifted: positions, evaluations }
}
