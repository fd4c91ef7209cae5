import type { State } from '../../core/index.js'
import { type JointResult, type Parts, solveJoint } from '../matching/jointOde.js'
import { stateOf } from './state.js'

/**
 * The error a step may make, root mean square over a cloud: absolute (unit of the data) + relative * sigma. It is
 * measured against the noise still there, not against the coordinates, so that shifting a cloud changes nothing.
 */
export interface Tolerance {
  readonly absolute: number
  readonly relative: number
}

/** Smallest and largest noise level of a flow. */
export type SigmaEnds = readonly [smallest: number, largest: number]

/** A vector that goes along the flow beside the state: an integral, or an adjoint. */
export interface Companion {
  /** `[batch, width]` */
  readonly start: ArrayLike<number>
  /** error that a step may make of it at a noise level, root mean square over the numbers of a cloud */
  allowed(sigma: number): number
}

export interface FlowOde {
  readonly start: State
  readonly span: readonly [from: number, to: number]
  readonly tolerance: Tolerance
  readonly companions?: readonly Companion[]
  /** D at a state, and d/dlog sigma of each companion. */
  slopes(x: State, sigma: number, companions: Parts): Promise<FlowSlopes>
  /** Called after each accepted step. */
  onStep?(sigma: number, x: State): void
}

export interface FlowSlopes {
  readonly clean: State
  readonly companions: readonly ArrayLike<number>[]
}

export interface FlowEnd extends Omit<JointResult, 'parts'> {
  readonly state: State
  readonly companions: Parts
}

/**
 * The probability-flow ODE, Song et al. 2021, arXiv 2011.13456, equation 13, in s = log sigma: dx/ds = x - D(x; sigma),
 * with whatever goes along it. States are rounded to float32 for the denoiser alone. All clouds of the batch take the
 * same steps, as small as the hardest one needs: a cloud's result depends on its batch, within the tolerance.
 */
export async function alongFlow({ start, span, tolerance, companions = [], ...ode }: FlowOde): Promise<FlowEnd> {
  const { shape } = start
  const rounded = (y: Float64Array): State => stateOf(shape, Float32Array.from(y))
  const { parts, ...counts } = await solveJoint(
    async ([y, ...others], s) => {
      const slopes = await ode.slopes(rounded(y), Math.exp(s), others)
      return [y.map((value, i) => value - slopes.clean.values[i]), ...slopes.companions]
    },
    [start.values, ...companions.map(companion => companion.start)],
    [Math.log(span[0]), Math.log(span[1])],
    {
      errorOf: ([error, ...others], s) => {
        const sigma = Math.exp(s)
        const shares = others.map((other, i) => largestShare(other, shape[0], companions[i].allowed(sigma)))
        return Math.max(largestShare(error, shape[0], tolerance.absolute + tolerance.relative * sigma), ...shares)
      },
      onStep: (s, [y]) => ode.onStep?.(Math.exp(s), rounded(y)),
    },
  )
  const [end, ...others] = parts
  return { state: rounded(end), companions: others, ...counts }
}

/** The largest of the clouds' errors, as a share of what is allowed. */
function largestShare(error: Float64Array, batch: number, allowed: number): number {
  const each = error.length / batch
  let largest = 0
  for (let cloud = 0; cloud < batch; cloud++) {
    let square = 0
    for (let i = cloud * each; i < (cloud + 1) * each; i++) square += error[i] ** 2
    largest = Math.max(largest, Math.sqrt(square / each))
  }
  return largest / allowed
}
