import fc from 'fast-check'
import t, { type Test } from 'tap'
import { makeKey } from '../../../core/index.js'
import {
  around,
  boundingEllipsoids,
  cubeOf,
  drawInUnion,
  drawnLogVolumes,
  equallyWeighted,
  evidenceOf,
  expectedLogVolumes,
  farthest,
  logBallVolume,
  logParts,
  logSumExp,
  type MakeProposal,
  type NestedRun,
  nestedExpectation,
  pointwiseTarget,
  radiusIn,
  randomStream,
  randomWalks,
  sampleNested,
  sampleNestedDynamically,
  slices,
  testInsertion,
  uniformInEllipsoids,
  uniformPrior,
  weightedMean,
} from '../../../generative/posterior/index.js'
import { type KnownTarget, targets } from './targets.js'

const key = makeKey(2006)

/** x ~ N(0, 1) in each of dim, seen at 1/2 with noise .1: ln Z in closed form. */
const gaussian = (dim: number) => ({
  likelihood: pointwiseTarget(dim, x =>
    x.reduce((sum, u) => sum - ((u - 0.5) / 0.1) ** 2 / 2 - Math.log(0.1 * Math.sqrt(2 * Math.PI)), 0),
  ),
  logZ: (-dim / 2) * (Math.log(2 * Math.PI * 1.01) + 0.25 / 1.01),
})

const likelihoodOf = ({ dim, logLikelihood }: KnownTarget) => {
  const gradient = new Float64Array(dim)
  return pointwiseTarget(dim, theta => logLikelihood(theta, gradient))
}

t.test('volumes: the shells hold all of the prior, whatever lived', () => {
  const lives = fc.array(fc.integer({ min: 2, max: 300 }), { minLength: 3, maxLength: 400 })
  fc.assert(
    fc.property(lives, live => {
      const shells = { logLikelihood: new Float64Array(live.length), live: Int32Array.from(live) }
      for (const volumes of [expectedLogVolumes(shells), drawnLogVolumes(shells, randomStream(key))]) {
        const whole = logSumExp(logParts(shells.logLikelihood, volumes))
        if (Math.abs(whole) > 1e-9) return false
      }
      // a likelihood that is constant has an evidence without error, and tells nothing
      const { logZ, logZError, information } = evidenceOf(shells)
      return Math.abs(logZ) < 1e-9 && logZError < 0.02 + 1 / Math.min(...live) && Math.abs(information) < 1e-9
    }),
    { seed: 8 },
  )
  return Promise.resolve()
})

t.test('the error of ln Z is the spread over drawn volumes', async t => {
  const random = randomStream(key.split('volumes'))
  const run = await sampleNested(gaussian(3).likelihood, key, { live: 100 })
  const logs = Array.from({ length: 400 }, () => logSumExp(logParts(run.logLikelihood, drawnLogVolumes(run, random))))
  const mean = logs.reduce((a, b) => a + b, 0) / logs.length
  const spread = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length)
  t.ok(Math.abs(run.logZError / spread - 1) < 0.15, `${run.logZError}, drawn ${spread}`)
  t.ok(Math.abs(run.logZError / Math.sqrt(run.information / 100) - 1) < 0.1, 'and about sqrt(H / live)')
  t.ok(Math.abs(run.logZ - mean) < 0.3 * spread)
})

t.test('ellipsoids hold their points, split where that saves, and their union is covered evenly', async t => {
  const random = randomStream(key.split('ellipsoids'))
  // two discs of radius .1, one of them a third of the points
  const disc = (x: number, y: number, n: number) =>
    Array.from({ length: n }, () => {
      const [r, angle] = [0.1 * Math.sqrt(random.uniform()), 2 * Math.PI * random.uniform()]
      return [x + r * Math.cos(angle), y + r * Math.sin(angle)]
    })
  const rows = Float64Array.from([...disc(0.2, 0.2, 100), ...disc(0.7, 0.8, 200)].flat())
  const one = around(rows, 2)
  t.ok(one && Math.abs(farthest(one, rows) - 1) < 1e-9)
  t.ok(
    Math.abs(logBallVolume(2) - Math.log(Math.PI)) < 1e-12 &&
      Math.abs(logBallVolume(3) - Math.log((4 / 3) * Math.PI)) < 1e-12,
  )
  const bound = boundingEllipsoids(rows, 2, Math.log(2 * Math.PI * 0.01), random) ?? []
  t.ok(bound.length >= 2, `${bound.length} ellipsoids`)
  for (let at = 0; at < rows.length; at += 2) {
    const x = rows.slice(at, at + 2)
    if (bound.every(e => radiusIn(e, x) > 1 + 1e-9)) t.fail('a point outside')
  }
  t.ok(logSumExp(bound.map(e => e.logVolume)) < Math.log(0.3 * Math.exp(one?.logVolume ?? 0)))
  t.equal(boundingEllipsoids(new Float64Array(40).fill(0.5), 2, -1, random), undefined)
  // two circles of radius .2 that overlap: what lies in both is drawn as often as its area says
  const circle = (x: number) => ({
    centre: Float64Array.of(x, 0.5),
    axes: Float64Array.of(0.2, 0, 0, 0.2),
    logVolume: Math.log(Math.PI * 0.04),
  })
  const pair = [circle(0.4), circle(0.6)]
  const counts = { both: 0, all: 0 }
  for (let i = 0; i < 20_000; i++) {
    const x = drawInUnion(pair, random)
    if (!x) continue
    counts.all++
    if (pair.every(e => radiusIn(e, x) <= 1)) counts.both++
  }
  const lens = 2 * 0.04 * Math.acos(0.5) - 0.1 * Math.sqrt(4 * 0.04 - 0.04)
  const share = lens / (2 * Math.PI * 0.04 - lens)
  t.ok(
    Math.abs(counts.both / counts.all - share) < 4 * Math.sqrt(share / counts.all),
    `${counts.both / counts.all}, ${share}`,
  )
})

/** ln Z, moments and quantiles within their errors; what is said of the drawing is good. */
function agrees(t: Test, run: NestedRun, known: Pick<KnownTarget, 'logEvidence' | 'expectations'>, walks = false) {
  const off = Math.abs(run.logZ - known.logEvidence) / run.logZError
  t.ok(off < 3, `ln Z ${run.logZ} +- ${run.logZError}, ${known.logEvidence}`)
  for (const { name, of, value } of known.expectations) {
    const { mean, error: own } = nestedExpectation(run, of, key)
    // walks leave the numbers in two modes to chance, e-folding after e-folding of the volume
    const drift = walks ? Math.sqrt((weightedMean(run, x => (of(x) - mean) ** 2) * run.information) / run.live[0]) : 0
    const error = Math.hypot(own, drift)
    t.ok(Math.abs(mean - value) < 4 * error, `${name} ${mean} +- ${error}, ${value}`)
  }
  t.ok(run.insertion.p > 1e-3 && run.insertion.worstP > 1e-3, `insertion ${run.insertion.p}, ${run.insertion.worstP}`)
  t.ok(run.insertion.memory < 0.3, `memory ${run.insertion.memory}`)
}

const proposals: Readonly<Record<string, MakeProposal>> = {
  'uniform in ellipsoids': uniformInEllipsoids(),
  slices: slices(),
  walks: randomWalks(),
}

for (const [how, proposal] of Object.entries(proposals)) {
  t.test(`two modes and the banana by ${how}`, async t => {
    for (const name of ['two modes', 'banana'] as const) {
      const known = targets[name]
      const options = { live: 150, dlogz: 0.05, proposal, fromCube: cubeOf(known.prior) }
      agrees(
        t,
        await sampleNested(likelihoodOf(known), key.split(how).split(name), options),
        known,
        how !== 'uniform in ellipsoids',
      )
    }
  })
}

for (const name of ['correlated Gaussian', 'funnel', 'eight schools', 'eight schools, centred'] as const) {
  t.test(`${name} by what is proposed by default`, async t => {
    const known = targets[name]
    const options = { live: 50, batch: 10, dlogz: 0.1, fromCube: cubeOf(known.prior) }
    agrees(t, await sampleNested(likelihoodOf(known), key.split(name), options), known, true)
  })
}

t.test('dynamic: the posterior gets more draws, the evidence a smaller error, for as many evaluations', async t => {
  const { likelihood, logZ } = gaussian(3)
  const known = {
    logEvidence: logZ,
    expectations: [{ name: 'mean', of: (x: Float64Array) => x[0], value: 0.5 / 1.01 }],
  }
  const posterior = await sampleNestedDynamically(likelihood, key, { live: 50, goal: 1, effectiveSampleSize: 1000 })
  const evidence = await sampleNestedDynamically(likelihood, key, { live: 50, goal: 0, logZError: 0.2 })
  agrees(t, posterior, known)
  agrees(t, evidence, known)
  t.ok(posterior.effectiveSampleSize >= 1000 && evidence.logZError <= 0.2)
  const sizePer = (run: NestedRun) => run.effectiveSampleSize / run.weights.length
  t.ok(sizePer(posterior) > 1.5 * sizePer(evidence), `${sizePer(posterior)} ${sizePer(evidence)}`)
  t.ok(evidence.logZError ** 2 * evidence.weights.length < posterior.logZError ** 2 * posterior.weights.length)
  t.ok(Math.max(...posterior.live) > 100, 'more alive where the posterior is')
  await t.rejects(sampleNestedDynamically(likelihood, key, { live: 50 }), /effective sample size/)
})

t.test('within two errors of the evidence in 16 of 20 seeds', async t => {
  const cases = {
    Gaussian: { ...gaussian(3), fromCube: undefined },
    banana: {
      likelihood: likelihoodOf(targets.banana),
      logZ: targets.banana.logEvidence,
      fromCube: cubeOf(targets.banana.prior),
    },
  }
  for (const [name, { likelihood, logZ, fromCube }] of Object.entries(cases)) {
    let held = 0
    for (let seed = 0; seed < 20; seed++) {
      const run = await sampleNested(likelihood, makeKey(seed), { live: 50, batch: 5, dlogz: 0.05, fromCube })
      if (Math.abs(run.logZ - logZ) < 2 * run.logZError) held++
    }
    t.ok(held >= 16, `${name}: ${held} of 20`)
  }
})

t.test('drawing that is not as it should be shows in the ranks', async t => {
  const { likelihood } = gaussian(3)
  // of two points always the better one
  const greedy: MakeProposal = (cube, random) => {
    const own = uniformInEllipsoids()(cube, random)
    return {
      draw: async (constraint, count) => {
        const twice = await own.draw(constraint, 2 * count)
        return Array.from({ length: count }, (_, i) =>
          twice[2 * i].log > twice[2 * i + 1].log ? twice[2 * i] : twice[2 * i + 1],
        )
      },
    }
  }
  const wrong = await sampleNested(likelihood, key, { live: 100, proposal: greedy })
  t.ok(wrong.insertion.p < 1e-6, `${wrong.insertion.p}`)
  // chains that hardly move copy what they begin at: ranks are even, but not forgotten
  const lazy = await sampleNested(likelihood, key, { live: 100, proposal: randomWalks({ steps: 1 }) })
  t.ok(lazy.insertion.memory > 0.4, `${lazy.insertion.memory}`)
  const random = randomStream(key.split('ranks'))
  const even = Array.from({ length: 2000 }, () => ({ rank: random.uniform() }))
  t.ok(testInsertion(even).p > 0.01 && testInsertion(even).worstP > 0.01)
  // even all together, but for a stretch
  t.ok(testInsertion(even.map(({ rank }, i) => ({ rank: i > 1000 && i < 1200 ? rank ** 2 : rank }))).worstP < 1e-3)
})

t.test('plateaus, no likelihood at all, and too few alive', async t => {
  // half of the prior without likelihood, a tenth of it with twice that of the rest
  const steps = pointwiseTarget(1, ([x]) => (x < 0.5 ? -Infinity : x < 0.9 ? 0 : Math.LN2))
  const fromCube = uniformPrior([0], [1])
  const run = await sampleNested(steps, key, { live: 400, fromCube, proposal: uniformInEllipsoids() })
  t.ok(Math.abs(run.logZ - Math.log(0.6)) < 3 * run.logZError + 0.02, `${run.logZ} +- ${run.logZError}`)
  const rows = equallyWeighted(run, 500, key)
  t.ok(rows.every(x => x > 0.5))
  const nothing = await sampleNested(
    pointwiseTarget(2, () => Number.NaN),
    key,
    { live: 20 },
  )
  t.equal(nothing.logZ, -Infinity)
  await t.rejects(sampleNested(steps, key, { live: 3 }), /points alive/)
})
