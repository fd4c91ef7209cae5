import { logSumExp } from '../logSumExp.js'
import type { RandomStream } from '../randomStream.js'

/** Where a run was at each of its points, which are in ascending order of likelihood. */
export interface Shells {
  /** log-likelihoods, ascending, `[n]` */
  readonly logLikelihood: Float64Array
  /** points alive when this one was the worst, itself among them, `[n]` */
  readonly live: Int32Array
}

/** ln of the prior's share above each point, as expected: each shrinks it by t ~ Beta(live, 1), <ln t> = -1 / live. */
export function expectedLogVolumes({ live }: Shells): Float64Array {
  let log = 0
  return Float64Array.from(live, n => {
    log -= 1 / n
    return log
  })
}

/** The same with shrinkages drawn at random. */
export function drawnLogVolumes({ live }: Shells, random: RandomStream): Float64Array {
  let log = 0
  return Float64Array.from(live, n => {
    log += Math.log(random.uniform()) / n
    return log
  })
}

/**
 * ln of every point's part in the evidence: its likelihood times half of the volume between its neighbours (the
 * trapezium rule; the first volume is 1, the last 0). Skilling 2006 (doi:10.1214/06-BA127), section 4.
 */
export function logParts(logLikelihood: Float64Array, logVolumes: Float64Array): Float64Array {
  const last = logVolumes.length - 1
  return logLikelihood.map((log, i) => {
    const before = i === 0 ? 0 : logVolumes[i - 1]
    const after = i === last ? -Infinity : logVolumes[i + 1]
    const between = [before + Math.log1p(-Math.exp(after - before))]
    // the first stands for the prior below it, too, and the last for the rest
    if (i === 0) between.push(Math.log1p(-Math.exp(logVolumes[0])))
    if (i === last) between.push(logVolumes[last])
    return log - Math.LN2 + logSumExp(between)
  })
}

export interface Evidence {
  /** nats */
  readonly logZ: number
  /** standard error, nats */
  readonly logZError: number
  /** Kullback-Leibler divergence of the posterior from the prior, nats */
  readonly information: number
}

/**
 * ln Z and its error: the shrinkages are not known, var ln t = 1 / live^2 each, and ln Z depends on each as all
 * that lies above it does, less the shell that begins there. To first order for all numbers of live points; for
 * constant ones it is Skilling's sqrt(H / live).
 */
export function evidenceOf(shells: Shells, logVolumes = expectedLogVolumes(shells)): Evidence {
  const { logLikelihood, live } = shells
  const parts = logParts(logLikelihood, logVolumes)
  const logZ = logSumExp(parts)
  let information = 0
  let above = 1
  let variance = 0
  for (const [i, part] of parts.entries()) {
    const weight = Math.exp(part - logZ)
    if (weight > 0) information += weight * (logLikelihood[i] - logZ)
    above -= weight
    // moving all volumes from here on: what is inside grows by its own share, the shell that ends here shrinks
    const slope = above + weight / 2 - Math.exp(logLikelihood[i] + logVolumes[i] - logZ)
    variance += (slope / live[i]) ** 2
  }
  return { logZ, logZError: Math.sqrt(variance), information }
}
