import { type Fixed, fixed } from './fixed.js'

/**
 * Masks of an autoregressive network (Germain et al. 2015, arXiv 1502.03509, equations 12 and 13). A hidden unit of
 * degree m sees the inputs at positions before m; the output at position p sees hidden units of degree p or less.
 * Degree 0 sees the condition alone, which the first output needs; without a condition no unit has it.
 */
export interface Masks {
  /** one a layer, `[inputs, outputs]`; the last for outputs of one number each */
  readonly layers: readonly Fixed[]
}

/** @param position of each input in the order in which they are drawn */
export function autoregressiveMasks(
  position: readonly number[],
  hidden: readonly number[],
  numbers: number,
  conditions: number,
): Masks {
  const dim = position.length
  const lowest = conditions > 0 || dim === 1 ? 0 : 1
  const degrees = hidden.map(width => Array.from({ length: width }, (_, k) => lowest + (k % Math.max(1, dim - lowest))))
  const inputs = position.map(p => p + 1)
  const steps = [inputs, ...degrees]
  const between = degrees.map((to, i) => fixed([steps[i].length, to.length], (j, k) => (steps[i][j] <= to[k] ? 1 : 0)))
  const last = steps.at(-1)!
  const out = fixed([last.length, dim * numbers], (j, k) => (last[j] <= position[Math.floor(k / numbers)] ? 1 : 0))
  return { layers: [...between, out] }
}
