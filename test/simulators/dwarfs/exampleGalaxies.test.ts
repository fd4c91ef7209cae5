import { existsSync } from 'node:fs'
import t from 'tap'
import { type Key, makeKey, uniform } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { dwarfs } from '../../../io/dwarfs/dwarfs.js'
import { readObjects } from '../../../io/objects/index.js'
import {
  type DwarfTheta,
  distributionFunction,
  makeDwarfModel,
  speedSampler,
  type ValidDistribution,
} from '../../../simulators/dwarfs/index.js'

/**
 * Another code's galaxies (JeansGNN's example, drawn by AGAMA) at that file's own parameters, except one: the stars do
 * not know of the `df_beta_0` that the file tells. AGAMA's keyword is `beta0`; a parameter named `beta_0` goes unheard
 * and leaves 0. Both tests below say so: with beta_0 = 0 for all the velocities are those of our distribution
 * functions, with the labels they are not. A galaxy is used where its distribution function is nowhere negative, so
 * that nothing was clipped.
 */
const path = '../shared/data/dwarfs/jeansgnn_example_data.hdf5'
const skip = existsSync(path) ? false : 'no ../shared/data beside the checkout'

/** Of the model for each star */
const draws = 19
/** In units of r* */
const rings = [0.4, 1, 2, Number.POSITIVE_INFINITY]

/** How a sum of squares of unit normal deviates, four of them, is distributed. */
const fourSigma = { oneInThousand: 18.5, oneInHundredThousand: 28.5 }

t.test('velocities at their radii are those of our distribution functions with beta_0 = 0', { skip }, async t => {
  const { galaxies, stars, trend } = await rankVelocities(theta => ({ ...theta, beta_0: 0 }))
  t.ok(galaxies > 25 && stars > 2500, `${stars} stars of ${galaxies} galaxies`)
  const square = trend.reduce((sum, z) => sum + z * z, 0)
  t.ok(square < fourSigma.oneInThousand, `mean ranks off by ${trend.map(z => z.toFixed(1)).join(', ')} standard errors`)
})

t.test('and are not those of the beta_0 that the file tells', { skip }, async t => {
  const { trend } = await rankVelocities(theta => (theta.beta_0 <= 0 ? theta : undefined))
  const square = trend.reduce((sum, z) => sum + z * z, 0)
  t.ok(
    square > fourSigma.oneInHundredThousand,
    `mean ranks off by ${trend.map(z => z.toFixed(1)).join(', ')} standard errors`,
  )
})

t.test('projected radii are those of Plummer spheres', { skip }, async t => {
  const bins = new Float64Array(20)
  let stars = 0
  for await (const dwarf of readObjects(dwarfs, path)) {
    const scale = 10 ** dwarf.theta.log10_r_star
    for (let i = 0; i < dwarf.stars; i++) {
      const q = (dwarf.positions[2 * i] ** 2 + dwarf.positions[2 * i + 1] ** 2) / scale ** 2
      bins[Math.min(19, Math.floor((20 * q) / (1 + q)))]++
      stars++
    }
  }
  const chi2 = bins.reduce((sum, n) => sum + (n - stars / 20) ** 2 / (stars / 20), 0)
  // 19 degrees of freedom: 43.8 is exceeded once in a thousand
  t.ok(chi2 < 43.8, `${chi2}`)
})

/**
 * The rank of each star's |v| among draws of the model at its projected radius, and how far the mean rank in each ring
 * is from 1/2, in standard errors.
 */
async function rankVelocities(parameters: (theta: DwarfTheta) => DwarfTheta | undefined) {
  const sums = rings.map(() => ({ rank: 0, stars: 0 }))
  let galaxies = 0
  let index = 0
  for await (const dwarf of readObjects(dwarfs, path)) {
    const theta = parameters(dwarf.theta as DwarfTheta)
    const distribution = theta && distributionFunction(theta)
    const key = makeKey(41).split(index++)
    if (distribution?.kind !== 'valid') continue
    galaxies++
    addRanks(key, dwarf, distribution, sums)
  }
  const trend = sums.map(({ rank, stars }) => (rank / stars - 0.5) * Math.sqrt(12 * stars))
  return { galaxies, stars: sums.reduce((sum, ring) => sum + ring.stars, 0), trend }
}

function addRanks(
  key: Key,
  dwarf: Dwarf,
  distribution: ValidDistribution,
  sums: { rank: number; stars: number }[],
): void {
  const { theta, grid } = distribution
  const { rStar, rA, spherical } = makeDwarfModel(theta)
  const { speed } = speedSampler(grid)
  const u = uniform(key, [dwarf.stars, draws, 5])
  for (let i = 0; i < dwarf.stars; i++) {
    const R = Math.hypot(dwarf.positions[2 * i], dwarf.positions[2 * i + 1])
    let below = 0
    for (let k = 0; k < draws; k++) {
      const [place, fast, turn, length, around] = u.subarray(5 * (i * draws + k), 5 * (i * draws + k + 1))
      // Along the line of sight s = z / sqrt(z^2 + R^2 + r*^2) has the density 1 - s^2
      const s = 2 * Math.sin(Math.asin(place) / 3)
      const z = (Math.hypot(R, rStar) * s) / Math.sqrt(1 - s * s)
      const r = Math.hypot(R, z)
      const w = speed(r, spherical.at(r).depth, fast)
      const cosine = Math.cos(2 * Math.PI * turn) * Math.sqrt(1 - length ** (2 / (1 - 2 * theta.beta_0)))
      const tangential = (w * Math.sqrt(1 - cosine ** 2)) / Math.sqrt(1 + (r / rA) ** 2)
      const v = (w * cosine * z - tangential * Math.cos(2 * Math.PI * around) * R) / r
      if (Math.abs(v) < Math.abs(dwarf.velocities[i])) below++
    }
    const ring = sums[rings.findIndex(edge => R < edge * rStar)]
    ring.rank += (below + 0.5) / (draws + 1)
    ring.stars++
  }
}
