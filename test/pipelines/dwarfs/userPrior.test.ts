import { join } from 'node:path'
import t from 'tap'
import { makeKey, uniform } from '../../../core/index.js'
import { relativeWeights, resampleByLogWeights, weightedSampleSize } from '../../../generative/posterior/index.js'
import { priorLogWeights, readUserPrior, type UserPrior } from '../../../pipelines/dwarfs/userPrior.js'
import { type DwarfName, dwarfPrior, fromCoordinates, priorNames } from '../../../simulators/dwarfs/index.js'

const effectiveDraws = (logWeights: Float64Array) => weightedSampleSize(relativeWeights(logWeights))
const key = makeKey(53)
const n = 15_000

/** Draws from the training prior itself: uniform in its box. */
const coordinates = uniform(key.split('box'), n * priorNames.length).map((u, at) => {
  const [low, high] = dwarfPrior[priorNames[at % priorNames.length]]
  return low + (high - low) * u
})

function column(name: string): Float64Array {
  const at = (priorNames as readonly string[]).indexOf(name)
  return Float64Array.from({ length: n }, (_, row) => {
    const own = coordinates.subarray(row * priorNames.length, (row + 1) * priorNames.length)
    return at >= 0 ? own[at] : fromCoordinates(own)[name as DwarfName]
  })
}

function weighted(prior: UserPrior, name: string) {
  const logWeights = priorLogWeights(prior, coordinates)
  const values = column(name)
  const weights = logWeights.map(Math.exp)
  const total = weights.reduce((a, b) => a + b, 0)
  const mean = values.reduce((sum, x, i) => sum + weights[i] * x, 0) / total
  const sd = Math.sqrt(values.reduce((sum, x, i) => sum + weights[i] * (x - mean) ** 2, 0) / total)
  return { mean, sd, effective: effectiveDraws(logWeights) }
}

t.test('law: weighted draws of the box have the mean and spread of the prior that was asked for', async t => {
  // The last two are no coordinates: the Jacobian of the logarithm of a ratio has to be taken out.
  const cases: readonly [string, number, number][] = [
    ['gamma', 0.6, 0.2],
    ['log10_r_s', -0.2, 0.1],
    ['log10_rho_0', 6.7, 0.3],
    ['r_star_over_r_s', 0.6, 0.08],
    ['beta_0', -0.24, 0.05],
    ['r_a_over_r_star', 1.2, 0.15],
    ['log10_r_star', -0.25, 0.05],
    ['log10_r_a', -0.2, 0.05],
  ]
  for (const [name, mean, sd] of cases) {
    const found = weighted({ [name]: { normal: [mean, sd] } }, name)
    t.ok(Math.abs(found.mean - mean) < (4 * sd) / Math.sqrt(found.effective), `${name}: mean ${found.mean}`)
    t.ok(Math.abs(found.sd / sd - 1) < 4 / Math.sqrt(2 * found.effective), `${name}: sd ${found.sd}`)
    t.ok(found.effective > 500 && found.effective < n)
    const [low, high] = [mean - sd, mean + 2 * sd]
    const flat = weighted({ [name]: { uniform: [low, high] } }, name)
    const wide = (high - low) / Math.sqrt(12)
    t.ok(
      Math.abs(flat.mean - (low + high) / 2) < (4 * wide) / Math.sqrt(flat.effective),
      `${name}: middle ${flat.mean}`,
    )
    t.ok(Math.abs(flat.sd / wide - 1) < 3 / Math.sqrt(flat.effective), `${name}: width ${flat.sd}`)
  }
})

t.test(
  'a prior on the scale of the stars is one at each scale of the dark matter, and leaves other parameters',
  async t => {
    const prior: UserPrior = { log10_r_star: { normal: [-0.25, 0.05] } }
    for (const name of ['gamma', 'log10_rho_0', 'beta_0', 'r_a_over_r_star']) {
      const [before, after] = [weighted({}, name), weighted(prior, name)]
      t.ok(Math.abs(after.mean - before.mean) < (4 * before.sd) / Math.sqrt(after.effective), name)
    }
    const two: Record<string, { normal: [number, number] }> = {
      gamma: { normal: [0.5, 0.1] },
      log10_r_star: { normal: [-0.25, 0.05] },
    }
    for (const [name, { normal }] of Object.entries(two)) {
      const { mean, effective } = weighted(two, name)
      t.ok(Math.abs(mean - normal[0]) < (4 * normal[1]) / Math.sqrt(effective), `${name} of two at once`)
    }
  },
)

t.test('conjugate: a normal posterior under a flat prior, re-weighted by a normal one', async t => {
  // Mean and variance by precision: a posterior N(0.4, 0.3) and a prior N(1, 0.4)
  const [a, b] = [1 / 0.3 ** 2, 1 / 0.4 ** 2]
  const gammas = column('gamma')
  const logWeights = priorLogWeights({ gamma: { normal: [1, 0.4] } }, coordinates).map(
    (log, i) => log - 0.5 * a * (gammas[i] - 0.4) ** 2,
  )
  const rows = resampleByLogWeights(logWeights, key.split('conjugate'))
  const mean = rows.reduce((sum, row) => sum + gammas[row], 0) / n
  const variance = rows.reduce((sum, row) => sum + (gammas[row] - mean) ** 2, 0) / n
  const effective = effectiveDraws(logWeights)
  t.ok(Math.abs(mean - (0.4 * a + 1 * b) / (a + b)) < 4 / Math.sqrt((a + b) * effective), `mean ${mean}`)
  t.ok(Math.abs(variance * (a + b) - 1) < 4 * Math.sqrt(2 / effective), `variance ${variance}`)
})

t.test('law: each row is drawn as often as its weight says, to less than one', async t => {
  const logWeights = Float64Array.from(uniform(key.split('weights'), 500), u => 700 + 3 * Math.log(u))
  logWeights[17] = Number.NEGATIVE_INFINITY
  const weights = logWeights.map(log => Math.exp(log - 700))
  const total = weights.reduce((a, b) => a + b)
  const counts = new Float64Array(500)
  for (const row of resampleByLogWeights(logWeights, key)) counts[row]++
  t.ok(counts.every((count, i) => Math.abs(count - (500 * weights[i]) / total) < 1))
  t.equal(counts[17], 0)
  t.ok(Math.abs(effectiveDraws(logWeights) - total ** 2 / weights.reduce((sum, w) => sum + w * w, 0)) < 1e-6)
  t.equal(effectiveDraws(new Float64Array(300)), 300)
  t.equal(effectiveDraws(new Float64Array(9).fill(Number.NEGATIVE_INFINITY)), 0)
})

t.test('a million draws, as many as --n allows, can be weighed', async t => {
  const many = new Float64Array(1_000_000)
  t.equal(effectiveDraws(many), 1_000_000)
  t.ok(resampleByLogWeights(many, key).every((row, i) => row === i))
})

t.test('a file that is no prior is refused in words', async t => {
  const folder = t.testdir({
    'good.json':
      '{"gamma": {"uniform": [0, 1.5]}, "log10_r_star": {"normal": [-0.6, 0.1]}, "r_a_over_r_star": {"uniform": [0.5, 1]}}',
    'text.json': 'gamma 0 1',
    'list.json': '[1, 2]',
    'null.json': 'null',
    'near.json': '{"log10_rstar": {"uniform": [0, 1]}}',
    'falling.json': '{"gamma": {"uniform": [1, 0]}}',
    'narrow.json': '{"gamma": {"normal": [1, 0]}}',
    'three.json': '{"gamma": {"uniform": [0, 1, 2]}}',
    'other.json': '{"gamma": {"cauchy": [0, 1]}}',
    'both.json': '{"gamma": {"uniform": [0, 1], "normal": [0, 1]}}',
    'twice.json': '{"log10_r_star": {"normal": [-1, 0.1]}, "r_star_over_r_s": {"normal": [0.5, 0.1]}}',
  })
  const at = (name: string) => join(folder, name)
  t.same(Object.keys(readUserPrior(at('good.json'))), ['gamma', 'log10_r_star', 'r_a_over_r_star'])
  t.throws(() => readUserPrior(at('none.json')), {
    name: 'UsageError',
    message: /expected a prior as JSON in .*none\.json/,
  })
  t.throws(() => readUserPrior(at('text.json')), { name: 'UsageError', message: /expected a prior as JSON/ })
  t.throws(() => readUserPrior(at('list.json')), { name: 'DataError', message: /got \[1,2\]/ })
  t.throws(() => readUserPrior(at('null.json')), { name: 'DataError', message: /got null/ })
  t.throws(() => readUserPrior(at('near.json')), {
    name: 'DataError',
    message: /got log10_rstar; did you mean log10_r_star\?/,
  })
  for (const name of ['falling', 'narrow', 'three', 'other', 'both']) {
    t.throws(
      () => readUserPrior(at(`${name}.json`)),
      { name: 'DataError', message: /expected gamma in .*; got \{/ },
      name,
    )
  }
  // One quantity under two names would be weighed twice.
  t.throws(() => readUserPrior(at('twice.json')), {
    name: 'DataError',
    message: /expected log10_r_star or r_star_over_r_s in .*; got both/,
  })
})
