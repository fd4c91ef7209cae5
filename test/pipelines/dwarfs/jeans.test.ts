import t from 'tap'
import { DataError, makeKey, uniform } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { jeansLikelihood, jeansPosterior, openJeans } from '../../../pipelines/dwarfs/jeans/index.js'
import { parametersUnder } from '../../../pipelines/dwarfs/parameters.js'
import { dwarfNames, dwarfPrior, fromUnitCube } from '../../../simulators/dwarfs/index.js'
import { jeansStars } from './jeansStars.js'

const key = makeKey(20261122)
const names = dwarfNames

function stars(count: number, u: ArrayLike<number>, name: string): Dwarf {
  return jeansStars(key.split(name), count, fromUnitCube(u, dwarfPrior), { systemicVelocity: 60, error: 1 })
}

const dwarf = stars(12, [0.6, 0.5, 0.7, 0.5, 0.5, 0.5], 'twelve stars')

t.test('the chains find what weighted draws from the prior find', async t => {
  const { logDensity } = jeansLikelihood(dwarf, dwarfPrior)
  const count = 30000
  const u = uniform(key.split('prior'), 6 * count)
  const logs = Float64Array.from({ length: count }, (_, i) =>
    logDensity(Float64Array.from(u.subarray(6 * i, 6 * i + 6))),
  )
  const most = logs.reduce((a, b) => Math.max(a, b))
  const weights = logs.map(log => Math.exp(log - most))
  const total = weights.reduce((a, b) => a + b)
  const posterior = await jeansPosterior(dwarf, dwarfPrior, key, { burnIn: 200, steps: 400, draws: 4000 })
  const thetas = logs.map((_, i) => i)
  for (const [p, name] of names.entries()) {
    const values = Float64Array.from(thetas, i => fromUnitCube(u.subarray(6 * i, 6 * i + 6), dwarfPrior)[name])
    const mean = values.reduce((sum, x, i) => sum + weights[i] * x, 0) / total
    const error = Math.sqrt(values.reduce((sum, x, i) => sum + (weights[i] * (x - mean)) ** 2, 0)) / total
    const own = Float64Array.from({ length: posterior.count }, (_, i) => posterior.draws[6 * i + p])
    const ownMean = own.reduce((a, b) => a + b) / own.length
    const sd = Math.sqrt(own.reduce((a, b) => a + (b - ownMean) ** 2, 0) / own.length)
    const sdOfPrior = Math.sqrt(values.reduce((sum, x, i) => sum + weights[i] * (x - mean) ** 2, 0) / total)
    const tolerance = 4 * Math.hypot(error, sd / Math.sqrt(posterior.ess[p]))
    t.ok(Math.abs(ownMean - mean) < tolerance, `${name}: ${ownMean} and ${mean} +- ${tolerance / 4}`)
    t.ok(Math.abs(sd / sdOfPrior - 1) < 0.15, `${name}: spread ${sd} and ${sdOfPrior}`)
    t.ok(
      posterior.rhat[p] < 1.2 && posterior.ess[p] > 100,
      `R-hat ${posterior.rhat[p]}, ${posterior.ess[p]} effective draws`,
    )
  }
})

t.test('the systemic velocity is integrated out: a shift changes nothing, and it equals the integral', async t => {
  const u = Float64Array.from([0.4, 0.5, 0.6, 0.5, 0.3, 0.8])
  const other = Float64Array.from([0.5, 0.6, 0.5, 0.4, 0.3, 0.8])
  const { logDensity } = jeansLikelihood(dwarf, dwarfPrior)
  const shifted = jeansLikelihood({ ...dwarf, velocities: dwarf.velocities.map(v => v + 64) }, dwarfPrior)
  t.ok(Math.abs(shifted.logDensity(u) - logDensity(u)) < 1e-4)
  const integral = (at: Float64Array): number => {
    let sum = 0
    for (let v = 0; v < 120; v += 0.05)
      sum += Math.exp(jeansLikelihood(dwarf, dwarfPrior, { systemicVelocity: v }).logDensity(at))
    return Math.log(sum)
  }
  t.ok(Math.abs(integral(u) - integral(other) - (logDensity(u) - logDensity(other))) < 1e-6)
})

t.test('memberships near one are as no memberships, and a far star is forgiven', async t => {
  const velocity = jeansLikelihood(dwarf, dwarfPrior, { systemicVelocity: 60 })
  const sure = { ...dwarf, membership: new Float32Array(dwarf.stars).fill(1 - 2 ** -24) }
  const nearly = jeansLikelihood(sure, dwarfPrior, { systemicVelocity: 60 })
  const a = Float64Array.from([0.4, 0.5, 0.6, 0.5, 0.3, 0.8])
  const b = Float64Array.from([0.7, 0.4, 0.7, 0.4, 0.6, 0.2])
  t.equal(nearly.dim, 6)
  t.ok(Math.abs(nearly.logDensity(a) - nearly.logDensity(b) - (velocity.logDensity(a) - velocity.logDensity(b))) < 1e-3)
  // a star at 500 km/s with a membership of a half draws the dispersion up if it is counted, not if it is doubted
  const velocities = dwarf.velocities.map((v, i) => (i === 0 ? v + 500 : v))
  const membership = new Float32Array(dwarf.stars).fill(1)
  membership[0] = 0.5
  const heavier = Float64Array.from([0.6, 0.5, 0.99, 0.5, 0.5, 0.5])
  const truth = Float64Array.from([0.6, 0.5, 0.7, 0.5, 0.5, 0.5])
  const gain = (galaxy: Dwarf): number => {
    const { logDensity } = jeansLikelihood(galaxy, dwarfPrior, { systemicVelocity: 60 })
    return logDensity(heavier) - logDensity(truth)
  }
  t.ok(gain({ ...dwarf, velocities }) > 100)
  t.ok(gain({ ...dwarf, velocities, membership }) < 0)
  t.equal(jeansLikelihood({ ...dwarf, velocities, membership }, dwarfPrior).dim, 7)
})

t.test('many galaxies on threads are each as alone; what is not accepted is not drawn', async t => {
  const galaxies = [dwarf, stars(8, [0.3, 0.6, 0.4, 0.3, 0.9, 0.1], 'eight stars')]
  const short = { burnIn: 20, steps: 40, ensembles: 1 }
  const keys = galaxies.map((_, i) => key.split(i))
  const posterior = openJeans({ parameters: parametersUnder(dwarfPrior), prior: dwarfPrior, threads: 2, ...short })
  const all = await posterior.drawMany(galaxies, 500, keys)
  await posterior.close()
  t.equal(all.length, 2)
  for (const [i, galaxy] of galaxies.entries()) {
    const alone = await jeansPosterior(galaxy, dwarfPrior, keys[i], { ...short, draws: 500 })
    t.same(Array.from(all[i].theta), Array.from(alone.draws))
    t.same(Array.from(all[i].logProb), Array.from(alone.logProb))
    t.same(
      Object.values(all[i].each).map(({ rhat }) => rhat),
      Array.from(alone.rhat),
    )
  }
  const cored = await jeansPosterior(dwarf, dwarfPrior, key, { ...short, accept: theta => theta.gamma < 0.5 })
  t.ok(cored.draws.every((x, i) => i % 6 !== 0 || x < 0.5))
  await t.rejects(jeansPosterior({ ...dwarf, membership: new Float32Array(dwarf.stars) }, dwarfPrior, key), DataError)
})
