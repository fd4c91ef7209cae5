import { type Key, type ParameterPrior, UsageError, uniform } from '../../core/index.js'
import { logMeanExp } from '../posterior/logSumExp.js'
import { logNormalRow } from '../posterior/standardNormal.js'
import type { EstimatedPosterior, Estimator } from './estimator.js'

/** Points in the standard normal coordinates of a prior. */
export interface DrawsInZ {
  /** `[n, p]` */
  readonly z: Float64Array
  /** `[n]` nats: log q(z | x), NaN where a draw comes without */
  readonly logProb: Float64Array
  readonly normalised: boolean
  readonly diagnostics: Readonly<Record<string, number>>
}

/** A posterior of z that can be drawn from, and mostly asked for its density. */
export interface PosteriorInZ {
  draw(x: Float64Array, n: number, key: Key): Promise<DrawsInZ>
  logProb?(x: Float64Array, z: Float64Array): Promise<Float64Array>
  close(): Promise<void>
}

/**
 * The same posterior in theta: log q(theta | x) = log q(z | x) + log p(theta) - log N(z), which is the change of
 * variables.
 */
export function estimatorInTheta(prior: ParameterPrior, observations: number, posterior: PosteriorInZ): Estimator {
  const p = prior.names.length
  const checked = (x: Float64Array): Float64Array => {
    if (x.length === observations) return x
    throw new UsageError(
      `expected an observation of ${observations} numbers, as the method was trained with`,
      `got ${x.length}`,
      'give one row of the same columns',
    )
  }
  const moved = (logProb: Float64Array, z: Float64Array, theta: Float64Array): Float64Array => {
    const logPrior = prior.logProb(theta)
    return logProb.map((log, row) => log + logPrior[row] - logNormalRow(z, row, p))
  }
  return {
    prior,
    observations,
    async draw(x, n, key): Promise<EstimatedPosterior> {
      const { z, logProb, normalised, diagnostics } = await posterior.draw(checked(x), n, key)
      const theta = prior.toTheta(z)
      return { theta, logProb: moved(logProb, z, theta), normalised, diagnostics }
    },
    ...(posterior.logProb && {
      async logProb(x: Float64Array, theta: Float64Array) {
        const z = prior.toNormal(theta)
        const isInside = (row: number) => z.subarray(row * p, (row + 1) * p).every(Number.isFinite)
        const inside = z.map(value => (Number.isFinite(value) ? value : 0))
        const logProb = await posterior.logProb!(checked(x), inside)
        return moved(logProb, inside, theta).map((log, row) => (isInside(row) ? log : Number.NEGATIVE_INFINITY))
      },
    }),
    close: () => posterior.close(),
  }
}

/**
 * Every member as likely as the others: draws in equal shares (in an order drawn by the key), the mean of the
 * densities.
 */
export function mixtureInZ(members: readonly PosteriorInZ[], p: number): PosteriorInZ {
  if (members.length === 1) return members[0]
  const logProb = async (x: Float64Array, z: Float64Array): Promise<Float64Array> => {
    const logs: Float64Array[] = []
    for (const member of members) logs.push(await member.logProb!(x, z))
    return Float64Array.from({ length: z.length / p }, (_, row) => logMeanExp(logs.map(log => log[row])))
  }
  const tellsDensity = members.every(member => member.logProb)
  return {
    async draw(x, n, key) {
      // Systematic: member m at place row where (row + offset of its block) says so, so that every stretch of draws
      // holds all members.
      const offset = Math.floor(uniform(key.split('member'), 1)[0] * members.length)
      const memberOf = (row: number) => (row + offset) % members.length
      const z = new Float64Array(n * p)
      let told = tellsDensity
      for (const [m, member] of members.entries()) {
        const rows = Array.from({ length: n }, (_, row) => row).filter(row => memberOf(row) === m)
        if (rows.length === 0) continue
        const part = await member.draw(x, rows.length, key.split(m))
        told &&= !Number.isNaN(part.logProb[0])
        for (const [i, row] of rows.entries()) z.set(part.z.subarray(i * p, (i + 1) * p), row * p)
      }
      return {
        z,
        logProb: told ? await logProb(x, z) : new Float64Array(n).fill(Number.NaN),
        normalised: true,
        diagnostics: {},
      }
    },
    ...(tellsDensity && { logProb }),
    async close() {
      for (const member of members) await member.close()
    },
  }
}
