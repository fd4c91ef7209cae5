import t from 'tap'
import { makeKey } from '../../../core/index.js'
import {
  type DwarfTheta,
  distributionFunction,
  drawDwarf,
  drawStars,
  dwarfPrior,
  lineOfSightDispersion,
  makeDwarfModel,
  NoDistribution,
  newtonG,
  simulateDwarf,
  speedSampler,
  type ValidDistribution,
} from '../../../simulators/dwarfs/index.js'

const cuspy = { gamma: 1, log10_r_s: 0.1, log10_rho_0: 7, log10_r_star: -0.45, beta_0: -0.2, log10_r_a: -0.3 }
const thetas: Readonly<Record<string, DwarfTheta>> = {
  'nearly isotropic': { ...cuspy, gamma: 0, beta_0: -0.01, log10_r_a: 3 },
  'tangential at the centre': { ...cuspy, beta_0: -0.5, log10_r_a: -0.5 },
  'steep cusp': { ...cuspy, gamma: 1.95, log10_r_a: -0.2 },
  hollow: { ...cuspy, gamma: -0.9, log10_rho_0: 8 },
}

function valid(theta: DwarfTheta): ValidDistribution {
  const found = distributionFunction(theta)
  if (found.kind === 'valid') return found
  throw new Error(`no distribution function at r = ${found.radius}`)
}

for (const [name, theta] of Object.entries(thetas)) {
  const model = makeDwarfModel(theta)
  const distribution = valid(theta)
  const { beta_0: beta0 } = theta

  t.test(`${name}: radial dispersions are those of the Jeans equation`, async t => {
    const { speed } = speedSampler(distribution.grid)
    for (const multiple of [0.1, 0.3, 1, 3, 10]) {
      const r = multiple * model.rStar
      const { depth } = model.spherical.at(r)
      let square = 0
      const draws = 600
      // Over u = 1 - s^4: near the centre of a hollow halo the fast tail is long.
      for (let k = 0; k < draws; k++) {
        const s = (k + 0.5) / draws
        square += (speed(r, depth, 1 - s ** 4) ** 2 * 4 * s ** 3) / draws
      }
      // w^2 is shared out by cos^2 with density (1 - c^2)^(-beta_0): a share 1 / (3 - 2 beta_0) is radial
      const radial = square / (3 - 2 * beta0)
      const expected = jeansRadialVariance(model, r)
      t.ok(Math.abs(radial / expected - 1) < 2e-3, `at ${multiple} r*: ${radial} and ${expected}`)
    }
  })

  t.test(`${name}: anisotropy, line of sight, virial theorem and half-light radius of a sample`, async t => {
    const stars = 20_000
    const { positions, velocities } = drawStars(makeKey(31).split(name), distribution, stars)
    const radii = new Float64Array(stars)
    const virial: number[] = []
    const shells: number[][] = [[], [], []]
    let inside = 0
    for (let i = 0; i < stars; i++) {
      const [x, y, z] = positions.subarray(3 * i, 3 * i + 3)
      const v = velocities.subarray(3 * i, 3 * i + 3)
      const r = Math.hypot(x, y, z)
      radii[i] = Math.hypot(x, y)
      if (radii[i] < model.rStar) inside++
      const square = v[0] ** 2 + v[1] ** 2 + v[2] ** 2
      virial.push(square - (newtonG * model.mass(r)) / r)
      const radial = ((x * v[0] + y * v[1] + z * v[2]) / r) ** 2
      const shell = shells[r < 0.7 * model.rStar ? 0 : r < 1.6 * model.rStar ? 1 : 2]
      shell.push((square - radial) / 2 - (1 - model.anisotropy(r)) * radial)
    }
    t.ok(Math.abs(inside / stars - 0.5) < 0.015, `inside r*: ${inside / stars}`)
    t.ok(Math.abs(deviation(virial)) < 4, `2 K - W is ${deviation(virial)} standard errors from 0`)
    for (const shell of shells)
      t.ok(Math.abs(deviation(shell)) < 4, `anisotropy off by ${deviation(shell)} standard errors`)
    const sigma = lineOfSightDispersion(
      radii,
      { r_star: model.rStar, beta_0: beta0, r_a: model.rA },
      { gamma: theta.gamma, r_s: model.rS, rho_0: 10 ** theta.log10_rho_0 },
    )
    for (const [low, high] of [
      [0, 0.5],
      [0.5, 1],
      [1, 2],
      [2, 5],
    ]) {
      const off: number[] = []
      for (let i = 0; i < stars; i++) {
        if (radii[i] < low * model.rStar || radii[i] >= high * model.rStar) continue
        off.push((velocities[3 * i + 2] / sigma[i]) ** 2 - 1)
      }
      t.ok(
        Math.abs(deviation(off)) < 4,
        `sigma_los from ${low} to ${high} r* off by ${deviation(off)} of ${off.length} stars`,
      )
    }
  })
}

/** The mean in units of its standard error. */
function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b) / values.length
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
  return mean / Math.sqrt(variance / values.length)
}

t.test("Wolf's estimator: the mass within 4/3 half-light radii follows from the dispersion alone", async t => {
  // Wolf et al. 2010, MNRAS 406, 1220, eq. 2: M(4/3 R_e) = 4 sigma_los^2 R_e / G, where the dispersion is nearly flat
  for (const theta of [
    { ...thetas['nearly isotropic'], gamma: 1 },
    { ...cuspy, log10_r_a: 0 },
    { ...cuspy, gamma: 0.8, beta_0: -0.4, log10_r_a: 0 },
  ]) {
    const model = makeDwarfModel({ ...theta, beta_0: Math.min(theta.beta_0, -0.1) })
    const stars = 10_000
    const { velocities } = drawStars(makeKey(33), valid(model.theta), stars)
    let variance = 0
    for (let i = 0; i < stars; i++) variance += velocities[3 * i + 2] ** 2 / stars
    const ratio = (4 * variance * model.rStar) / newtonG / model.mass((4 / 3) * model.rStar)
    t.ok(ratio > 0.8 && ratio < 1.2, `${ratio}`)
  }
})

t.test('a galaxy follows from its key alone; a theta without distribution function is refused', async t => {
  const options = { stars: { kind: 'poisson', mean: 100 } } as const
  t.strictSame(drawDwarf(makeKey(7), dwarfPrior, options), drawDwarf(makeKey(7), dwarfPrior, options))
  t.not(
    drawDwarf(makeKey(8), dwarfPrior, options).velocities[0],
    drawDwarf(makeKey(7), dwarfPrior, options).velocities[0],
  )
  t.throws(() => simulateDwarf(makeKey(1), { ...cuspy, log10_r_a: -1.3 }, options), NoDistribution)
  t.equal(simulateDwarf(makeKey(1), cuspy, { stars: 5 }).stars, 5)
})

t.test('stars stay bound', async t => {
  const model = makeDwarfModel(cuspy)
  const { positions, velocities } = drawStars(makeKey(9), valid(cuspy), 3000)
  let escaped = 0
  for (let i = 0; i < 3000; i++) {
    const r = Math.hypot(positions[3 * i], positions[3 * i + 1], positions[3 * i + 2])
    const speed = Math.hypot(velocities[3 * i], velocities[3 * i + 1], velocities[3 * i + 2])
    if (speed >= model.escapeVelocity(r)) escaped++
  }
  t.equal(escaped, 0)
})

/**
 * rho_Q sigma_r^2 (r) = the integral of rho_Q G M / r^2 beyond r (Binney and Tremaine 2008, eq. 4.216), by Simpson's
 * rule in ln r.
 */
function jeansRadialVariance(model: ReturnType<typeof makeDwarfModel>, r: number): number {
  const beta0 = model.theta.beta_0
  const augmented = (x: number) => x ** (2 * beta0) * (1 + (x / model.rA) ** 2) ** (1 - beta0) * model.tracerDensity(x)
  const intervals = 800
  const step = Math.log(1e5) / intervals
  let sum = 0
  for (let k = 0; k <= intervals; k++) {
    const x = r * Math.exp(k * step)
    const weight = k === 0 || k === intervals ? 1 : k % 2 === 1 ? 4 : 2
    sum += ((weight * step) / 3) * augmented(x) * ((newtonG * model.mass(x)) / x)
  }
  return sum / augmented(r)
}
