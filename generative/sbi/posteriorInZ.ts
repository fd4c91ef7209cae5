import { type Draws, type Key, type Parameters, type Posterior, type Target, uniform } from '../../core/index.js'
import { logMeanExp } from '../posterior/logSumExp.js'
import { logNormalRow } from '../posterior/standardNormal.js'

/** Points in the standard normal coordinates of a prior. */
export interface DrawsInZ {
  /** `[n, p]` */
  readonly z: Float64Array
  /** `[n]` nats: log q(z | x); NaN where a draw comes without */
  readonly logProb: Float64Array
  readonly diagnostics: Readonly<Record<string, number>>
}

/** A posterior of z that can be drawn from, and mostly asked for its density. */
export interface PosteriorInZ<O> {
  draw(observation: O, n: number, key: Key): Promise<DrawsInZ>
  /** many observations at once, a key each, where that is faster than one after the other */
  drawMany?(observations: readonly O[], n: number, keys: readonly Key[]): Promise<DrawsInZ[]>
  logProb?(observation: O, z: Float64Array): Promise<Float64Array>
  /** log N(z) + log-likelihood and its gradient, where a likelihood or a ratio was learned */
  target?(observation: O): Target
  /** what the method reads of observations, a row each: the numbers that its density is conditioned on */
  summaries?(observations: readonly O[]): Promise<Float32Array[]>
  close(): Promise<void>
}

/** A trained posterior of theta. */
export interface LearnedPosterior<O> extends Posterior<O> {
  drawMany(observations: readonly O[], n: number, keys: readonly Key[]): Promise<Draws[]>
  summaries?(observations: readonly O[]): Promise<Float32Array[]>
}

/**
 * The same posterior in theta: log q(theta | x) = log q(z | x) + log p(theta) - log N(z), which is the change of
 * variables.
 */
export function posteriorInTheta<O>(parameters: Parameters, posterior: PosteriorInZ<O>): LearnedPosterior<O> {
  const { prior } = parameters
  const p = prior.names.length
  const moved = (logProb: Float64Array, z: Float64Array, theta: Float64Array): Float64Array => {
    const logPrior = prior.logProb(theta)
    return logProb.map((log, row) => log + logPrior[row] - logNormalRow(z, row, p))
  }
  const drawsOf = ({ z, logProb, diagnostics }: DrawsInZ): Draws => {
    const theta = prior.toTheta(z)
    return { theta, logProb: moved(logProb, z, theta), diagnostics, problems: [] }
  }
  const { logProb, target, summaries } = posterior
  return {
    parameters,
    draw: async (observation, n, key) => drawsOf(await posterior.draw(observation, n, key)),
    drawMany: async (observations, n, keys) => (await drawMany(posterior, observations, n, keys)).map(drawsOf),
    ...(logProb && {
      async logProb(observation: O, theta: Float64Array) {
        const z = prior.toNormal(theta)
        const isInside = (row: number) => z.subarray(row * p, (row + 1) * p).every(Number.isFinite)
        const inside = z.map(value => (Number.isFinite(value) ? value : 0))
        const logs = moved(await logProb(observation, inside), inside, theta)
        return logs.map((log, row) => (isInside(row) ? log : Number.NEGATIVE_INFINITY))
      },
    }),
    ...(target && { target }),
    ...(summaries && { summaries }),
    close: () => posterior.close(),
  }
}

/**
 * Every member as likely as the others: draws in equal shares, by turns (from a member chosen by the key on), and the
 * mean of the densities. Any stretch of draws then holds all members, so that comparing stretches compares draws and
 * not members. The summaries are those of the first member.
 */
export function ensembleInZ<O>(members: readonly PosteriorInZ<O>[], p: number): PosteriorInZ<O> {
  if (members.length === 1) return members[0]
  const hasDensity = members.every(member => member.logProb)
  const logProb = async (observation: O, z: Float64Array): Promise<Float64Array> => {
    const logs: Float64Array[] = []
    for (const member of members) logs.push(await member.logProb!(observation, z))
    return Float64Array.from({ length: z.length / p }, (_, row) => logMeanExp(logs.map(log => log[row])))
  }
  const [{ summaries }] = members
  const drawAll = async (observations: readonly O[], n: number, keys: readonly Key[]): Promise<DrawsInZ[]> => {
    const firsts = keys.map(key => Math.floor(uniform(key.split('member'), 1)[0] * members.length))
    const zs = observations.map(() => new Float64Array(n * p))
    let hasLogs = hasDensity
    for (const [m, member] of members.entries()) {
      // Turns begin elsewhere for every observation, so the shares may differ by one: each gets the larger one.
      const share = Math.ceil(n / members.length)
      const rowsOf = (first: number) =>
        Array.from({ length: n }, (_, row) => row).filter(row => (row + first) % members.length === m)
      const shares = new Set(firsts.map(first => rowsOf(first).length))
      const count = shares.size === 1 ? [...shares][0] : share
      if (count === 0) continue
      const parts = await drawMany(
        member,
        observations,
        count,
        keys.map(key => key.split(m)),
      )
      for (const [o, part] of parts.entries()) {
        hasLogs &&= !Number.isNaN(part.logProb[0])
        for (const [i, row] of rowsOf(firsts[o]).entries()) zs[o].set(part.z.subarray(i * p, (i + 1) * p), row * p)
      }
    }
    const draws: DrawsInZ[] = []
    for (const [o, z] of zs.entries()) {
      const logs = hasLogs ? await logProb(observations[o], z) : new Float64Array(n).fill(Number.NaN)
      draws.push({ z, logProb: logs, diagnostics: {} })
    }
    return draws
  }
  return {
    draw: async (observation, n, key) => (await drawAll([observation], n, [key]))[0],
    drawMany: drawAll,
    ...(hasDensity && { logProb }),
    ...(summaries && { summaries }),
    async close() {
      for (const member of members) await member.close()
    },
  }
}

async function drawMany<O>(
  posterior: PosteriorInZ<O>,
  observations: readonly O[],
  n: number,
  keys: readonly Key[],
): Promise<DrawsInZ[]> {
  if (posterior.drawMany) return posterior.drawMany(observations, n, keys)
  const draws: DrawsInZ[] = []
  for (const [i, observation] of observations.entries()) draws.push(await posterior.draw(observation, n, keys[i]))
  return draws
}
