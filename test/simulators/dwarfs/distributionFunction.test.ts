import fc from 'fast-check'
import t from 'tap'
import { logGamma, makeKey, uniform } from '../../../core/index.js'
import { haloPotential } from '../../../simulators/dwarfs/haloPotential.js'
import {
  abelConstant,
  distributionFunction,
  dwarfPrior,
  fromUnitCube,
  type InvertedGrid,
  invert,
  makeDwarfModel,
  makeGnfw,
  plummerTracer,
  speedSampler,
} from '../../../simulators/dwarfs/index.js'
import { hernquistPotential, hernquistTracer, plummerPotential, powerTracer } from './closedForms.js'

/**
 * The largest relative difference where f_Q matters: from the 0.3% of Plummer stars innermost to the 1e-4 outermost.
 */
function worst(grid: InvertedGrid, expected: (q: number) => number, from = 0.15, to = 100): number {
  let most = 0
  for (let i = 0; i < grid.r.length; i++) {
    if (grid.r[i] < from || grid.r[i] > to) continue
    most = Math.max(most, Math.abs(grid.f[i] / expected(grid.psi[i]) - 1))
  }
  return most
}

const isotropic = { beta0: 0, rA: Number.POSITIVE_INFINITY }

t.test("Plummer's own distribution function, isotropic and of Osipkov and Merritt", async t => {
  // Binney and Tremaine 2008, eq. 4.83 with n = 5; Merritt 1985, AJ 90, 1027
  const unit = (24 * Math.SQRT2) / (7 * Math.PI ** 3)
  const tracer = plummerTracer(1)
  const plain = invert(tracer, plummerPotential, isotropic, [1e-3, 1e4])
  t.ok(worst(plain, q => unit * q ** 3.5) < 1e-4, `${worst(plain, q => unit * q ** 3.5)}`)
  for (const rA of [0.9, 1.5, 4]) {
    const grid = invert(tracer, plummerPotential, { beta0: 0, rA }, [1e-3, 1e4])
    const expected = (q: number) => unit * ((1 - rA ** -2) * q ** 3.5 + (7 / 16) * rA ** -2 * q ** 1.5)
    t.ok(worst(grid, expected) < 1e-4, `r_a = ${rA}: ${worst(grid, expected)}`)
  }
})

t.test("Hernquist's, isotropic and with beta = 1/2", async t => {
  // Hernquist 1990, ApJ 356, 359, eq. 17; Baes and Dejonghe 2002, A&A 393, 485, eq. 13: f = 3 E^2 / (4 pi^3 L)
  const plain = invert(hernquistTracer, hernquistPotential, isotropic, [1e-3, 1e5])
  const expected = (q: number) =>
    ((Math.sqrt(q) / (1 - q) ** 2) *
      ((1 - 2 * q) * (8 * q * q - 8 * q - 3) + (3 * Math.asin(Math.sqrt(q))) / Math.sqrt(q * (1 - q)))) /
    (Math.SQRT2 * (2 * Math.PI) ** 3)
  t.ok(worst(plain, expected, 0.02) < 1e-5, `${worst(plain, expected, 0.02)}`)
  const radial = invert(hernquistTracer, hernquistPotential, { ...isotropic, beta0: 0.5 }, [1e-3, 1e5])
  const linear = (q: number) => (3 * q * q) / (4 * Math.PI ** 3)
  t.ok(worst(radial, linear) < 1e-5, `${worst(radial, linear)}`)
})

t.test('an augmented density psi^n has f_Q ~ Q^(n - 3/2 + beta_0), for every beta_0 and r_a', t => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(-0.5, 0, 0.5), fc.double({ min: -0.5, max: 0.5, noNaN: true })),
      fc.double({ min: 3, max: 6, noNaN: true }),
      fc.double({ min: 0.3, max: 10, noNaN: true }),
      (beta0, n, rA) => {
        const grid = invert(powerTracer(n, beta0, rA), plummerPotential, { beta0, rA }, [1e-3, 1e4])
        const order = 1.5 - beta0
        const ratio = logGamma(n + 1) - logGamma(n + 1 - order) - logGamma(order)
        const expected = (q: number) => (Math.exp(ratio) / abelConstant(beta0)) * q ** (n - order)
        return worst(grid, expected) < 1e-4
      },
    ),
    { seed: 5, numRuns: 40 },
  )
  t.end()
})

t.test('the potential of a halo and its derivatives', t => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(2, 1.999999, 1, 0), fc.double({ min: -1, max: 2, noNaN: true })),
      fc.double({ min: -3, max: 3, noNaN: true }),
      (gamma, logR) => {
        const shape = { gamma, r_s: 0.7, rho_0: 3e7 }
        const { at } = haloPotential(shape)
        const step = 1e-3
        const r = 10 ** logR
        const [before, here, after] = [r * Math.exp(-step), r, r * Math.exp(step)].map(at)
        const close = (a: number, b: number, tolerance: number) => Math.abs(a - b) < tolerance * (Math.abs(b) + 1e-3)
        return (
          close(here.psi, -makeGnfw(shape).potential(r), 1e-9) &&
          close((after.depth - before.depth) / (2 * step), here.circularSquared, 1e-5) &&
          close(Math.log(after.circularSquared / before.circularSquared) / (2 * step), here.slope, 1e-5) &&
          close((after.slope - before.slope) / (2 * step), here.slopeRate, 1e-5)
        )
      },
    ),
    { seed: 6, numRuns: 200 },
  )
  t.end()
})

t.test('over the prior: f_Q gives the stars back, and what is negative says where and how much', async t => {
  const total = 120
  let negative = 0
  let most = 0
  for (let i = 0; i < total; i++) {
    const theta = fromUnitCube(uniform(makeKey(21).split(i), 6), dwarfPrior)
    const found = distributionFunction(theta)
    if (found.kind === 'negative') {
      negative++
      t.ok(found.share > 0 && found.share < 1 && found.at > 0)
      t.ok(Math.abs(makeDwarfModel(theta).potential(found.radius) / found.at - 1) < 1e-9)
      continue
    }
    const { grid } = found
    const { total: integral } = speedSampler(grid)
    for (let k = 40; k < 200; k += 20) {
      const stars = abelConstant(theta.beta_0) * integral(grid.r[k], grid.depth[k])
      most = Math.max(most, Math.abs(stars / grid.rhoQ[k] - 1))
    }
  }
  t.ok(most < 0.01, `density off by ${most}`)
  t.ok(negative > 0.02 * total && negative < 0.25 * total, `${negative} of ${total}`)
})

t.test('what cannot be is refused: An and Evans 2006, and anisotropy that begins too far in', async t => {
  const theta = { gamma: 1, log10_r_s: 0, log10_rho_0: 7, log10_r_star: -0.5, beta_0: -0.1, log10_r_a: -0.5 }
  t.equal(distributionFunction(theta).kind, 'valid')
  for (const impossible of [{ log10_r_a: -1.1 }, { beta_0: 0.1 }, { beta_0: 0.4, log10_r_a: 1 }]) {
    const found = distributionFunction({ ...theta, ...impossible })
    t.equal(found.kind, 'negative', JSON.stringify(impossible))
    const clipped = distributionFunction({ ...theta, ...impossible }, { clip: true })
    if (found.kind !== 'negative' || clipped.kind !== 'valid') throw new Error('expected one of each')
    t.ok(clipped.grid.f.every(f => f >= 0) && clipped.grid.f.includes(0))
    // Without its negative part it holds more than the one star by just that.
    const more = starsOf(clipped.grid) - 1
    t.ok(found.share > 1e-4 && Math.abs(found.share / more - 1) < 0.1, `${found.share} and ${more}`)
  }
})

/**
 * The stars that a distribution function holds: the integral of 4 pi r^2 nu dr, nu = C (its integral over Q) / (r^(2
 * beta_0) (1 + r^2/r_a^2)^(1 - beta_0)).
 */
function starsOf(grid: InvertedGrid): number {
  const { r, depth, anisotropy } = grid
  const { beta0, rA } = anisotropy
  const { total } = speedSampler(grid)
  let sum = 0
  for (let i = 0; i < r.length; i++) {
    const per = r[i] ** (-2 * beta0) * (1 + (r[i] / rA) ** 2) ** (beta0 - 1)
    sum += 4 * Math.PI * r[i] ** 3 * per * abelConstant(beta0) * total(r[i], depth[i])
  }
  return sum * Math.log(r[1] / r[0])
}
