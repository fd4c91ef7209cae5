import { type Denoiser, type OnStep, type State, UsageError } from '../../../core/index.js'
import { dormandPrince } from '../dormandPrince.js'
import { checkSigmas } from '../sigmas.js'
import { evaluate, stateOf } from '../state.js'

/**
 * The error a step may make, root mean square over a cloud: absolute (unit of the data) + relative * sigma. It is
 * measured against the noise still there, not against the coordinates, so that shifting a cloud changes nothing.
 */
export interface Tolerance {
  readonly absolute: number
  readonly relative: number
}

/** A thousandth of the noise still there and a hundredth of the smallest: below that nothing is resolved anyway. */
export function toleranceFor(sigmas: readonly number[]): Tolerance {
  return { absolute: 0.01 * Math.min(...sigmas.filter(sigma => sigma > 0)), relative: 1e-3 }
}

export interface FlowResult {
  readonly state: State
  /** calls of the denoiser */
  readonly evaluations: number
  readonly accepted: number
  readonly rejected: number
}

/**
 * The probability-flow ODE, Song et al. 2021, arXiv 2011.13456, equation 13, in s = log sigma: dx/ds = x - D(x; sigma).
 * Solved by Dormand and Prince's pair 5(4) to a tolerance; the steps are its own. All clouds of the batch take the same
 * steps, as small as the hardest one needs: a cloud's result depends on its batch, within the tolerance.
 *
 * @param denoise D(x; sigma): the clean state expected behind `x`
 * @param noise   x at sigmas[0], `[batch, points, channels]`, in the unit of the data
 * @param sigmas  only the ends count: from the first to the last positive one, and if a 0 follows, one denoising more
 * @param tolerance default `toleranceFor(sigmas)`
 */
export async function probabilityFlow(
  denoise: Denoiser,
  noise: State,
  sigmas: readonly number[],
  tolerance: Tolerance = toleranceFor(sigmas),
  onStep?: OnStep,
): Promise<FlowResult> {
  checkSigmas(sigmas)
  checkTolerance(tolerance)
  const toZero = sigmas[sigmas.length - 1] === 0
  const smallest = toZero ? sigmas[sigmas.length - 2] : sigmas[sigmas.length - 1]
  let index = 0
  const flow = await dormandPrince(
    (y, s) => flowSlope(denoise, stateOf(noise.shape, Float32Array.from(y)), y, Math.exp(s)),
    Float64Array.from(noise.values),
    [Math.log(sigmas[0]), Math.log(smallest)],
    {
      errorOf: (error, s) => largestShare(error, noise.shape[0], tolerance, Math.exp(s)),
      onStep: (s, y) => onStep?.({ index: index++, sigma: Math.exp(s), x: stateOf(noise.shape, Float32Array.from(y)) }),
    },
  )
  const { accepted, rejected } = flow
  const state = stateOf(noise.shape, Float32Array.from(flow.y))
  if (!toZero) return { state, evaluations: flow.evaluations, accepted, rejected }
  const clean = await evaluate(denoise, state, smallest)
  onStep?.({ index, sigma: 0, x: clean })
  return { state: clean, evaluations: flow.evaluations + 1, accepted, rejected }
}

/** dx/dlog sigma = x - D; `y` is the state before its rounding to float32. */
export async function flowSlope(denoise: Denoiser, x: State, y: Float64Array, sigma: number): Promise<Float64Array> {
  const clean = await evaluate(denoise, x, sigma)
  return y.map((value, i) => value - clean.values[i])
}

/** The largest of the clouds' errors, as a share of what the tolerance allows. */
export function largestShare(error: Float64Array, batch: number, tolerance: Tolerance, sigma: number): number {
  const each = error.length / batch
  let largest = 0
  for (let cloud = 0; cloud < batch; cloud++) {
    let square = 0
    for (let i = cloud * each; i < (cloud + 1) * each; i++) square += error[i] ** 2
    largest = Math.max(largest, Math.sqrt(square / each))
  }
  return largest / (tolerance.absolute + tolerance.relative * sigma)
}

function checkTolerance({ absolute, relative }: Tolerance): void {
  if (absolute >= 0 && relative >= 0 && absolute + relative >= 1e-7) return
  throw new UsageError(
    'expected tolerances of at least 0, their sum at least 1e-7 (states are float32)',
    `got absolute ${absolute} and relative ${relative}`,
    'loosen them',
  )
}
