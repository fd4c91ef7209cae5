import { type Denoiser, type State, UsageError } from '../../../core/index.js'
import { evaluate } from '../state.js'
import { type BoundPlan, endSigmas, noisedDraw, sizesOf } from './noisedDraws.js'

/** Lower bounds on log p(x) of the clouds of a batch, with their standard errors. */
export interface Bound {
  /** `[batch]` nats a cloud */
  readonly value: Float64Array
  /**
   * `[batch]` standard error of `value`, from the spread between sweeps within strata; the gap of the bound is not in
   * it
   */
  readonly error: Float64Array
  /** `[batch]` nats: the terms of equation 11, value = -(diffusion + prior + reconstruction) */
  readonly diffusion: Float64Array
  readonly prior: Float64Array
  readonly reconstruction: Float64Array
  /** `[sweeps, strata, batch]`: what each stratum adds to `value` by each sweep, less the reference; for differences */
  readonly parts: Float64Array
  readonly strata: number
  readonly sweeps: number
}

/**
 * The variational bound in continuous time, Kingma et al. 2021, arXiv 2107.00630, equations 11 and 17 (the relative
 * entropy of two reverse diffusions: Song et al. 2021, arXiv 2101.09258, theorem 1), in the variance-exploding
 * convention:
 *
 *     log p(x) >= - int dlog sigma E |eps - eps_hat|^2 - KL(q(z_max | x) || base)
 *                 - (entries / 2) log(2 pi e sigma_min^2).
 *
 * For the exact denoiser the gap is about (sigma_min^2 / 2) tr(-d2 log p / dx2), from the decoder N(z_min,
 * sigma_min^2), and what the base misses. Noise comes in pairs of opposite signs and levels stratified within the
 * schedule, and the integral of the space's reference is exact.
 *
 * @param denoise bound to one theta; called 2 strata * sweeps times with the batch
 * @param x       `[batch, points, channels]`; on a torus in the box
 */
export async function elbo(denoise: Denoiser, x: State, plan: BoundPlan): Promise<Bound> {
  const { strata, sweeps, draws } = sizesOf(plan)
  const [batch] = x.shape
  const parts = new Float64Array(sweeps * strata * batch)
  for (let index = 0; index < draws; index++) {
    const draw = noisedDraw(plan, x, index)
    const clean = await evaluate(denoise, draw.noised, draw.sigma)
    const errors = squareErrors(draw.noised, clean, draw.target, draw.sigma)
    const at = (draw.sweep * strata + draw.stratum) * batch
    for (let cloud = 0; cloud < batch; cloud++) {
      parts[at + cloud] -= draw.weight * (errors[cloud] - draw.reference[cloud])
    }
  }
  return boundOf(parts, x, plan)
}

/** Value and errors of a bound from its parts, `[sweeps, strata, batch]`. */
export function boundOf(parts: Float64Array, x: State, plan: BoundPlan): Bound {
  const { strata, sweeps } = sizesOf(plan)
  const { smallest, largest } = endSigmas(plan.schedule)
  const [batch, points, channels] = x.shape
  const prior = plan.space.prior(x, largest)
  const reference = plan.space.referenceIntegral(x, smallest, largest)
  const reconstruction = new Float64Array(batch).fill(
    (points * channels * (Math.log(2 * Math.PI) + 1 + 2 * Math.log(smallest))) / 2,
  )
  const { sum, error } = sumOfStrata(parts, strata, sweeps, batch)
  const diffusion = reference.map((known, cloud) => known - sum[cloud])
  const value = diffusion.map((d, cloud) => -(d + prior[cloud] + reconstruction[cloud]))
  return { value, error, diffusion, prior, reconstruction, parts, strata, sweeps }
}

/**
 * a - b of two bounds on the same noise (same plan, same x), `[batch]`: its error is that of the difference, far below
 * that of each.
 */
export function boundDifference(a: Bound, b: Bound): { difference: Float64Array; error: Float64Array } {
  if (a.parts.length !== b.parts.length || a.strata !== b.strata) {
    throw new UsageError(
      'expected two bounds of one plan on one batch',
      `got [${a.sweeps}, ${a.strata}, ${a.value.length}] and [${b.sweeps}, ${b.strata}, ${b.value.length}]`,
      'take both with the same plan',
    )
  }
  const { error } = sumOfStrata(
    a.parts.map((part, i) => part - b.parts[i]),
    a.strata,
    a.sweeps,
    a.value.length,
  )
  return { difference: a.value.map((value, cloud) => value - b.value[cloud]), error }
}

/** Mean over sweeps, summed over strata, and its standard error: strata are independent, so their variances add. */
export function sumOfStrata(parts: Float64Array, strata: number, sweeps: number, batch: number) {
  const sum = new Float64Array(batch)
  const variance = new Float64Array(batch)
  for (let stratum = 0; stratum < strata; stratum++)
    for (let cloud = 0; cloud < batch; cloud++) {
      const part = (sweep: number) => parts[(sweep * strata + stratum) * batch + cloud]
      let mean = 0
      for (let sweep = 0; sweep < sweeps; sweep++) mean += part(sweep) / sweeps
      let square = 0
      for (let sweep = 0; sweep < sweeps; sweep++) square += (part(sweep) - mean) ** 2
      sum[cloud] += mean
      variance[cloud] += square / (sweeps - 1) / sweeps
    }
  return { sum, error: variance.map(Math.sqrt) }
}

/** |target - (z - D) / sigma|^2 of each cloud. */
function squareErrors(noised: State, clean: State, target: Float32Array, sigma: number): Float64Array {
  const [batch] = noised.shape
  const each = target.length / batch
  const errors = new Float64Array(batch)
  for (let i = 0; i < target.length; i++) {
    errors[Math.floor(i / each)] += (target[i] - (noised.values[i] - clean.values[i]) / sigma) ** 2
  }
  return errors
}
