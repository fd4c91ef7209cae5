import { type Denoiser, type OnStep, type State, UsageError } from '../../../core/index.js'
import { alongFlow, type FlowEnd, type Tolerance } from '../flowOde.js'
import { checkSigmas } from '../sigmas.js'
import { evaluate } from '../state.js'

/** A thousandth of the noise still there and a hundredth of the smallest: below that nothing is resolved anyway. */
export function toleranceFor(sigmas: readonly number[]): Tolerance {
  return { absolute: 0.01 * Math.min(...sigmas.filter(sigma => sigma > 0)), relative: 1e-3 }
}

export interface ProbabilityFlowOptions {
  /** default `toleranceFor(sigmas)` */
  readonly tolerance?: Tolerance
  readonly onStep?: OnStep
}

export type FlowResult = Omit<FlowEnd, 'companions'>

/**
 * A sampler by the probability-flow ODE (`flowOde.ts`), to a tolerance; the steps are its own.
 *
 * @param denoise D(x; sigma): the clean state expected behind `x`
 * @param noise   x at sigmas[0], `[batch, points, channels]`, in the unit of the data
 * @param sigmas  only the ends count: from the first to the last positive one, and if a 0 follows, one denoising more
 */
export async function probabilityFlow(
  denoise: Denoiser,
  noise: State,
  sigmas: readonly number[],
  { tolerance = toleranceFor(sigmas), onStep }: ProbabilityFlowOptions = {},
): Promise<FlowResult> {
  checkSigmas(sigmas)
  checkTolerance(tolerance)
  const toZero = sigmas[sigmas.length - 1] === 0
  const smallest = toZero ? sigmas[sigmas.length - 2] : sigmas[sigmas.length - 1]
  let index = 0
  const { state, evaluations, accepted, rejected } = await alongFlow({
    start: noise,
    span: [sigmas[0], smallest],
    tolerance,
    slopes: async (x, sigma) => ({ clean: await evaluate(denoise, x, sigma), companions: [] }),
    onStep: (sigma, x) => onStep?.({ index: index++, sigma, x }),
  })
  if (!toZero) return { state, evaluations, accepted, rejected }
  const clean = await evaluate(denoise, state, smallest)
  onStep?.({ index, sigma: 0, x: clean })
  return { state: clean, evaluations: evaluations + 1, accepted, rejected }
}

function checkTolerance({ absolute, relative }: Tolerance): void {
  if (absolute >= 0 && relative >= 0 && absolute + relative >= 1e-7) return
  throw new UsageError(
    'expected tolerances of at least 0, their sum at least 1e-7 (states are float32)',
    `got absolute ${absolute} and relative ${relative}`,
    'loosen them',
  )
}
