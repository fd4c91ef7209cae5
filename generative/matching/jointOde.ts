import { type AdaptiveOptions, type AdaptiveResult, dormandPrince } from './dormandPrince.js'

/** What goes along an ODE together: a state first, then what is carried or summed along its way. */
export type Parts = readonly Float64Array[]

export interface JointOptions extends Pick<AdaptiveOptions, 'mostSteps'> {
  /**
   * The error of a step over what is allowed, by part; a step with at most 1 is accepted.
   *
   * @param whole the parts one after the other
   */
  errorOf(parts: Parts, s: number, whole: Float64Array): number
  /** Called after each accepted step. */
  onStep?(s: number, parts: Parts): void
}

export interface JointResult extends Omit<AdaptiveResult, 'y'> {
  readonly parts: Parts
}

/**
 * Several vectors along one adaptive path. With the divergence of the velocity for a second part this is the change of
 * log-density along the flow, d log p / ds = -div v (Chen et al. 2018, arXiv 1806.07366, theorem 1); with the adjoint
 * and the sum of its pullbacks, the gradient of that (appendix B there).
 *
 * @param slopes d/ds of every part; must not keep or change the parts
 * @param span   from and to
 */
export async function solveJoint(
  slopes: (parts: Parts, s: number) => Promise<readonly ArrayLike<number>[]>,
  start: readonly ArrayLike<number>[],
  span: readonly [number, number],
  { errorOf, onStep, mostSteps }: JointOptions,
): Promise<JointResult> {
  const starts = [0]
  for (const part of start) starts.push(starts[starts.length - 1] + part.length)
  const partsOf = (whole: Float64Array): Parts => start.map((_, i) => whole.subarray(starts[i], starts[i + 1]))
  const joined = (parts: readonly ArrayLike<number>[]): Float64Array => {
    const whole = new Float64Array(starts[start.length])
    parts.forEach((part, i) => {
      whole.set(part, starts[i])
    })
    return whole
  }
  const { y, ...counts } = await dormandPrince(
    async (whole, s) => joined(await slopes(partsOf(whole), s)),
    joined(start),
    span,
    {
      errorOf: (error, s) => errorOf(partsOf(error), s, error),
      onStep: (s, whole) => onStep?.(s, partsOf(whole)),
      ...(mostSteps === undefined ? {} : { mostSteps }),
    },
  )
  return { parts: partsOf(y), ...counts }
}
