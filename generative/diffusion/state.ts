import type { Denoiser, State } from '../../core/index.js'
import { UsageError, WorkError } from '../../core/index.js'

/** `a x + b y (+ c z)`, entry by entry: summed in double precision, rounded once. */
export function weightedSum(a: number, x: State, b: number, y: State, c = 0, z?: State): State {
  const values = new Float32Array(x.values.length)
  if (z === undefined) {
    for (let i = 0; i < values.length; i++) values[i] = a * x.values[i] + b * y.values[i]
  } else {
    for (let i = 0; i < values.length; i++) values[i] = a * x.values[i] + b * y.values[i] + c * z.values[i]
  }
  return { shape: x.shape, values }
}

/** A state of this shape around the given values. */
export function stateOf(shape: State['shape'], values: Float32Array): State {
  const expected = shape[0] * shape[1] * shape[2]
  if (values.length !== expected) {
    throw new UsageError(
      `expected ${expected} values for a state of shape [${shape.join(', ')}]`,
      `got ${values.length}`,
      'pass values of that shape, flat and row-major',
    )
  }
  return { shape, values }
}

/** D(x; sigma), refused where it is of another shape or not finite: a sampler would pass it on from step to step. */
export async function evaluate(denoise: Denoiser, x: State, sigma: number): Promise<State> {
  const clean = await denoise(x, sigma)
  if (clean.values.length !== x.values.length) {
    throw new UsageError(
      `expected a denoised state of ${x.values.length} values`,
      `got ${clean.values.length} at sigma ${sigma}`,
      'let the denoiser return the shape it was given',
    )
  }
  for (let i = 0; i < clean.values.length; i++) {
    if (!Number.isFinite(clean.values[i])) throw new DenoiserDiverged(sigma, i, clean.values[i])
  }
  return clean
}

/** The network returned a number that is not finite while a sampler ran. */
export class DenoiserDiverged extends WorkError {
  constructor(
    readonly sigma: number,
    readonly index: number,
    readonly value: number,
  ) {
    super(
      'expected finite values from the denoiser',
      `got ${value} in entry ${index} at sigma ${sigma}`,
      'look at its training loss, or begin at a noise level it was trained on',
    )
  }
}
