import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { type Key, makeKey, uniform } from '../../../core/index.js'
import { makeCalibration } from '../../../generative/calibration/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { isCalibrated } from '../../../pipelines/answers/calibrationMetrics.js'
import { unusualness, unusualShare } from '../../../pipelines/answers/trainedRegion.js'
import { profileBands } from '../../../pipelines/dwarfs/derived.js'
import { loadDwarfsModel } from '../../../pipelines/dwarfs/model.js'
import { boundsOf } from '../../../pipelines/dwarfs/parameters.js'
import { runOrShipped } from '../../../pipelines/run/shipped.js'
import {
  type DwarfTheta,
  drawDwarf,
  dwarfNames,
  dwarfPrior,
  type StarCount,
  toUnitCube,
} from '../../../simulators/index.js'

t.setTimeout(120_000)

const model = await loadDwarfsModel(runOrShipped('dwarfs', undefined))
const posterior = model.method.posterior(model.members, { threads: 1 })
t.teardown(() => posterior.close())

/** The key of the draws by the only network of an ensemble, as the verbs split it. */
const drawKey = (key: Key) => key.split('noise').split(0)

async function judged(stars: StarCount, galaxies: number) {
  const key = makeKey(41).split(JSON.stringify(stars))
  const dwarfs = Array.from({ length: galaxies }, (_, i) => drawDwarf(key.split(i), dwarfPrior, { stars }))
  const calibration = makeCalibration({
    names: dwarfNames,
    bounds: boundsOf(model.prior),
    toUnit: theta =>
      toUnitCube(Object.fromEntries(dwarfNames.map((name, i) => [name, theta[i]])) as DwarfTheta, model.prior),
    key: key.split('calibration'),
  })
  const draws = await posterior.drawMany(
    dwarfs,
    300,
    dwarfs.map((_, i) => drawKey(key.split('draw').split(i))),
  )
  dwarfs.forEach((dwarf, i) => {
    calibration.add(
      dwarfNames.map(name => dwarf.theta[name]),
      draws[i].theta,
    )
  })
  return { found: calibration.result(), dwarfs }
}

t.test('law: the posteriors of fresh galaxies are true, with few stars and with many', async t => {
  for (const [name, stars, galaxies] of [
    ['a hundred stars', { kind: 'poisson', mean: 100 }, 400],
    ['15 to 1500 stars', { kind: 'log-uniform', low: 15, high: 1500 }, 200],
  ] as const) {
    const { found } = await judged(stars, galaxies)
    const coverage = found.parameters.map(({ coverage }) => coverage[found.levels.indexOf(0.68)].toFixed(2)).join(' ')
    t.ok(isCalibrated(found), `${name}: 68% intervals hold ${coverage}, TARP p ${found.tarp.p.toFixed(3)}`)
    t.ok(found.jointLogScore.mean > 3, `${name}: ${found.jointLogScore.mean.toFixed(2)} nats beyond the prior`)
  }
})

/** Shares of simulated galaxies that are farther out than each of these. */
async function sharesOf(dwarfs: readonly Dwarf[]): Promise<number[]> {
  const summaries = (await posterior.summaries?.(dwarfs)) ?? []
  return dwarfs.map(({ stars }, i) => unusualness(model.region, summaries[i], stars).share)
}

t.test('law: of what is like the training few are flagged, whatever the number of stars', async t => {
  for (const [low, high, galaxies] of [
    [10, 20, 300],
    [20, 50, 300],
    [50, 200, 300],
    [200, 600, 200],
    [600, 2000, 100],
  ]) {
    const key = makeKey(47).split(low)
    const dwarfs = Array.from({ length: galaxies }, (_, i) =>
      drawDwarf(key.split(i), dwarfPrior, { stars: { kind: 'log-uniform', low, high } }),
    )
    const shares = await sharesOf(dwarfs)
    const flagged = shares.filter(share => share < unusualShare).length
    // one in a hundred, and four standard deviations: told from 300 galaxies, not from the half of them that one
    // Gaussian for all flagged
    const most = 0.01 * galaxies + 4 * Math.sqrt(0.01 * galaxies)
    t.ok(flagged <= most, `${low} to ${high} stars: ${flagged} of ${galaxies} flagged`)
    const mean = shares.reduce((sum, share) => sum + share, 0) / galaxies
    t.ok(
      Math.abs(mean - 0.5) < 4 * Math.sqrt(1 / 12 / galaxies),
      `${low} to ${high} stars: mean share ${mean.toFixed(3)}`,
    )
  }
})

t.test('what is not like the training is flagged', async t => {
  const { dwarfs } = await judged({ kind: 'poisson', mean: 100 }, 100)
  // a cluster of two populations that no galaxy of the training has: a cold core far inside a hot envelope
  const odd = dwarfs.slice(0, 5).map(
    (dwarf): Dwarf => ({
      ...dwarf,
      velocities: dwarf.velocities.map((v, i) =>
        Math.hypot(...dwarf.positions.subarray(2 * i, 2 * i + 2)) > 0.3 ? 30 * v : v,
      ),
    }),
  )
  const oddShares = await sharesOf(odd)
  t.ok(oddShares.filter(share => share < unusualShare).length >= 3, oddShares.join(' '))
})

const fornax = '../shared/data/dwarfs/fornax_sim'
const skip = existsSync(fornax) ? false : 'no ../shared/data beside the checkout'
/** Its density is 25% below the median at .8 to 2 kpc, where the band is 17% wide, and nothing tells: a shortfall. */
const todo = 'a stripped galaxy that looks like one in equilibrium'

t.test(
  'a tidally stripped Fornax of another code: true density within the 95% band, or flagged',
  { skip, todo },
  async t => {
    const [R, velocities, errors] = rows(`${fornax}/fornaxlos1k.txt`)
    const angles = uniform(makeKey(3), R.length)
    const positions = Float32Array.from({ length: 2 * R.length }, (_, i) => {
      const angle = 2 * Math.PI * angles[i >> 1]
      return R[i >> 1] * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle))
    })
    const dwarf: Dwarf = {
      stars: R.length,
      positions,
      velocities: Float32Array.from(velocities),
      velocityErrors: Float32Array.from(errors),
      theta: {},
    }
    const { theta } = await posterior.draw(dwarf, 1000, drawKey(makeKey(4)))
    const [share] = await sharesOf([dwarf])
    const flagged = share < unusualShare
    const [r, density] = rows(`${fornax}/fornax_light_today_dm_den.txt`)
    const radii = [0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2, 3]
    const { rho } = profileBands(theta, radii)
    const truth = radii.map(radius => density[r.findIndex(x => x >= radius)])
    const outside = radii.filter((_, i) => truth[i] < rho.q025[i] || truth[i] > rho.q975[i])
    t.comment(
      `truth over median: ${truth.map((x, i) => (x / rho.q50[i]).toFixed(2)).join(' ')}; ${share} of simulated galaxies farther out`,
    )
    t.ok(outside.length === 0 || flagged, `outside of the band at ${outside.join(', ') || 'no radius'} kpc`)
  },
)

function rows(path: string): number[][] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))
}
