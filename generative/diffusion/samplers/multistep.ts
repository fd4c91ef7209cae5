import type { State } from '../../../core/index.js'
import type { LevelStep } from './noiseLevels.js'

/** The denoised state of a step and that of the step before it, as a line in lambda = -log sigma. */
export interface DenoisedLine {
  readonly before: State
  /** from the present level to the middle of the step, in units of the distance between the two; 0 in a first step */
  readonly ahead: number
}

/**
 * What the two-step solvers of Lu et al. 2022, arXiv 2211.01095, keep: E = (1 + ahead) D - ahead D_before continues the
 * line through the last two denoised states to the middle of the step. Call it once a step.
 */
export function denoisedLine(): (step: LevelStep) => DenoisedLine {
  let last: { readonly clean: State; readonly h: number } | undefined
  return ({ sigma, next, clean }) => {
    const h = Math.log(sigma / next)
    const line = { before: last?.clean ?? clean, ahead: last === undefined ? 0 : h / (2 * last.h) }
    last = { clean, h }
    return line
  }
}
