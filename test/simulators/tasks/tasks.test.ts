import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { drawPrior, logNormalRows } from '../../../generative/prior/index.js'
import { readReference, referencesOf, type Task, taskNamed, tasks } from '../../../simulators/index.js'

const key = makeKey(6)
const row = (values: Float64Array, width: number, at: number) => values.subarray(at * width, (at + 1) * width)
const repeated = (theta: Float64Array, n: number) =>
  Float64Array.from({ length: n * theta.length }, (_, at) => theta[at % theta.length])

/** Tasks whose every likelihood is an integration. */
const solved = ({ name }: Task) => name === 'sir' || name === 'lotka_volterra'

/** How many standard errors the mean of independent numbers lies from zero. */
function offZero(values: ArrayLike<number>): number {
  const all = Array.from(values)
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (all.length - 1)
  return mean / Math.sqrt(variance / all.length)
}

t.equal(tasks.size, 10)
t.throws(() => taskNamed('two_suns'), { message: /standard task; got two_suns; choose one of two_moons/, exitCode: 2 })
t.throws(() => readReference('sir', 7), { message: /observation of sir.*got 7; choose one of 1, 2/, exitCode: 2 })

for (const task of tasks.values()) {
  const p = task.prior.names.length
  const d = task.dataNames.length

  t.test(`${task.name}: shapes, keys and rows`, async t => {
    const theta = drawPrior(task.prior, 20, key)
    const x = task.simulate(theta, key)
    t.equal(x.length, 20 * d)
    t.ok(x.every(Number.isFinite))
    const again = task.simulate(theta, key)
    t.ok(
      x.every((value, at) => again[at] === value),
      'the same key, the same data',
    )
    const other = task.simulate(theta, key.split('other'))
    t.notOk(x.every((value, at) => other[at] === value))
  })

  // E of p(x | theta') / p(x | theta) over x of theta is 1 where both have the same support; two_moons has not, and is
  // asked below
  if (task.name !== 'two_moons')
    t.test(`${task.name}: what it simulates is what its likelihood says`, async t => {
      const { truth } = readReference(task.name, 1)
      const z = task.prior.toNormal(truth)
      const n = solved(task) ? 600 : 1500
      const x = task.simulate(repeated(truth, n), key.split(task.name))
      for (let j = 0; j < p; j++) {
        const step = stepOf(task, z, j, row(x, d, 0))
        const beside = task.prior.toTheta(z.map((value, at) => (at === j ? value + step : value)))
        const both = Float64Array.from([...truth, ...beside])
        const ratios = Array.from({ length: n }, (_, i) => {
          const [here, there] = likelihood(task)(both, row(x, d, i))
          return Math.exp(there - here) - 1
        })
        t.ok(Math.abs(offZero(ratios)) < 4, `${task.prior.names[j]}: ${offZero(ratios).toFixed(1)} standard errors`)
      }
    })

  for (const number of referencesOf(task.name)) {
    const { observation, truth, draws } = readReference(task.name, number)
    t.test(`${task.name} ${number}: the observation is one of its truth`, async t => {
      t.same([observation.length, truth.length, draws.length], [d, p, 10_000 * p])
      const n = 400
      const x = task.simulate(repeated(truth, n), key.split('again'))
      const [seen] = likelihood(task)(truth, observation)
      const below = Array.from({ length: n }, (_, i) => likelihood(task)(truth, row(x, d, i))[0]).filter(
        log => log < seen,
      )
      // thirteen observations are asked: 1 - (1 - .005)^13 is 6%
      t.ok(below.length >= 0.0025 * n && below.length <= 0.9975 * n, `${below.length} of ${n} are less likely`)
    })

    // Stein: of draws of p, E[g] = 0 and E[z g + 1] = 0 with g = d log p / dz; those that share a posterior share this
    if (!['two_moons', 'slcp_distractors', 'bernoulli_glm_raw'].includes(task.name))
      t.test(`${task.name} ${number}: the reference posterior is that of the likelihood`, async t => {
        const n = Math.min(10_000, (solved(task) ? 5000 : 30_000) / p)
        const z = task.prior.toNormal(draws.slice(0, n * p))
        const logPosterior = (at: Float64Array) => {
          const logNormal = logNormalRows(at, p)
          return likelihood(task)(task.prior.toTheta(at), observation).map((log, i) => log + logNormal[i])
        }
        for (let j = 0; j < p; j++) {
          const [up, down] = [1e-4, -1e-4].map(step =>
            logPosterior(z.map((value, at) => (at % p === j ? value + step : value))),
          )
          const gradient = up.map((value, i) => (value - down[i]) / 2e-4)
          const off = [offZero(gradient), offZero(gradient.map((g, i) => g * z[i * p + j] + 1))]
          t.ok(
            Math.max(...off.map(Math.abs)) < 4,
            `${task.prior.names[j]}: ${off.map(value => value.toFixed(1))} standard errors`,
          )
        }
      })
  }
}

t.test('two_moons: data and reference draws lie on the ring as they should', async t => {
  const task = taskNamed('two_moons')
  const n = 10_000
  const polar = (theta: Float64Array, x: Float64Array) => {
    // Lueckmann et al. 2021, T.8: x = r (cos a, sin a) + (1/4, 0) + (-|theta1 + theta2|, -theta1 + theta2) / sqrt 2
    const u = x[0] - 0.25 + Math.abs(theta[0] + theta[1]) / Math.SQRT2
    const v = x[1] - (theta[1] - theta[0]) / Math.SQRT2
    return { angle: Math.atan2(v, u), radius: Math.hypot(u, v) }
  }
  const judge = (name: string, pairs: readonly { angle: number; radius: number }[]) => {
    const angles = pairs.map(({ angle }) => angle)
    const radii = pairs.map(({ radius }) => (radius - 0.1) / 0.01)
    t.ok(
      angles.every(angle => Math.abs(angle) < Math.PI / 2 + 1e-4),
      name,
    )
    const found = [
      angles,
      angles.map(angle => angle ** 2 - Math.PI ** 2 / 12),
      angles.map(angle => Math.cos(4 * angle)),
      radii,
      radii.map(radius => radius ** 2 - 1),
    ].map(offZero)
    t.ok(Math.max(...found.map(Math.abs)) < 4, `${name}: ${found.map(value => value.toFixed(1))} standard errors`)
  }
  const theta = drawPrior(task.prior, n, key)
  const x = task.simulate(theta, key)
  judge(
    'simulated',
    Array.from({ length: n }, (_, i) => polar(row(theta, 2, i), row(x, 2, i))),
  )
  for (const number of [1, 2]) {
    const { observation, draws } = readReference('two_moons', number)
    judge(
      `reference ${number}`,
      Array.from({ length: n }, (_, i) => polar(row(draws, 2, i), observation)),
    )
    const above = Array.from({ length: n }, (_, i) => (draws[2 * i] + draws[2 * i + 1] > 0 ? 1 : -1))
    t.ok(Math.abs(offZero(above)) < 4, 'both crescents have half')
  }
  // the density of data about theta integrates to 1: cells of .001 over the ring
  let sum = 0
  const [own] = [Float64Array.of(0.3, -0.2)]
  for (let i = 0; i < 200; i++)
    for (let j = 0; j < 300; j++) {
      const at = Float64Array.of(
        0.25 - 0.1 / Math.SQRT2 + (i + 0.5) * 1e-3,
        -0.5 / Math.SQRT2 - 0.15 + (j + 0.5) * 1e-3,
      )
      sum += Math.exp(likelihood(task)(own, at)[0]) * 1e-6
    }
  t.ok(Math.abs(sum - 1) < 1e-3, `${sum}`)
})

t.test('golden log-likelihoods', async t => {
  const is = (name: string, theta: readonly number[], x: readonly number[], expected: number, relative = 1e-10) => {
    const [found] = likelihood(taskNamed(name))(Float64Array.from(theta), Float64Array.from(x))
    t.ok(Math.abs(found / expected - 1) < relative, `${name}: ${found} for ${expected}`)
  }
  const tenths = Array.from({ length: 10 }, (_, i) => i / 10)
  // p = tensor([.7,-2.9,-1.,.9,.6]); s1, s2, r = p[2]**2, p[3]**2, torch.tanh(p[4]); S = [[s1**2 + 1e-6, r*s1*s2],
  // [r*s1*s2, s2**2 + 1e-6]] MultivariateNormal(p[:2], S).log_prob(x.reshape(4, 2)).sum()   torch 2.15, float64
  is('slcp', [0.7, -2.9, -1, 0.9, 0.6], [1, -2, 0.5, -3, 0, -2.5, 1.2, -3.3], -7.837344915069549)
  // MultivariateNormal(zeros(10), .1 * eye(10)).log_prob(.1 * arange(10))
  is('gaussian_linear', new Array(10).fill(0), tenths, -11.926459867076499)
  is('gaussian_linear_uniform', tenths, new Array(10).fill(0), -11.926459867076499)
  // MixtureSameFamily(Categorical(ones(2)), Independent(Normal(zeros(2, 2), [[1, 1], [.1, .1]]), 1)).log_prob([[.1,
  // -.05], [2, 1]])
  is('gaussian_mixture', [0, 0], [0.1, -0.05], 1.467541752053684)
  is('gaussian_mixture', [1, 0], [3, 1], -5.031024246969291)
  // Bernoulli(logits=design_matrix @ (arange(10) / 10 - .3)).log_prob((arange(100) % 3 == 0).double()).sum(), with
  // sbibm's files/design_matrix.pt
  const everyThird = Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? 1 : 0))
  const offset = tenths.map(value => value - 0.3)
  is('bernoulli_glm_raw', offset, everyThird, -73.18757044172133)
  // its summaries: [y.sum(), *conv1d(y, stimulus_I, padding=8)[-9:]]
  is(
    'bernoulli_glm',
    offset,
    [
      34, -0.6965103261172771, -7.313482048455626, -2.3746588826179504, -0.46192319318652153, -7.318595505319536,
      -2.635714143514633, -0.7580434791743755, -5.855080581270158, -2.243606001138687,
    ],
    -73.18757044172133,
  )
  // scipy.integrate.solve_ivp(…, rtol=1e-10, atol=1e-10, method='DOP853') at beta .6, gamma .15, then
  // scipy.stats.binom.logpmf(k, 1000, I / 1e6).sum()   scipy 1.17.1
  is('sir', [0.6, 0.15], [0, 3, 300, 40, 3, 0, 0, 0, 0, 0], -38.339525317292704, 1e-4)
  // the same at alpha .8, beta .06, gamma .7, delta .05, then LogNormal(log(u), .1).log_prob(5 * ones(20)).sum()
  is('lotka_volterra', [0.8, 0.06, 0.7, 0.05], new Array(20).fill(5), -2526.8201742167503, 1e-5)
  // D = diag(ones(9)) - diag(ones(8), -1); F = D @ D + diag(arange(9) / 9)**.5; B = block_diag(.5, F.T @ F)
  // MultivariateNormal(zeros(10), precision_matrix=B).log_prob(arange(10) / 10)
  const [prior] = taskNamed('bernoulli_glm').prior.logProb(Float64Array.from(tenths))
  t.ok(Math.abs(prior / -6.416859986316845 - 1) < 1e-10, `${prior}`)
})

t.test('distractors stand where the benchmark put them', async t => {
  const { observation } = readReference('slcp_distractors', 1)
  const plain = readReference('slcp', 1).observation
  // numpy.random.seed(42) … rng.permutation(100): sbibm's files/permutation_idx.torch begins 87 47 39 9
  const task = taskNamed('slcp_distractors')
  const theta = Float64Array.from(readReference('slcp', 1).truth)
  t.same(likelihood(task)(theta, observation), likelihood(taskNamed('slcp'))(theta, plain))
  for (const value of plain) t.ok(observation.includes(value))
  const x = task.simulate(repeated(theta, 4000), key)
  // each of the 20 components is centred up to 15 or so from zero: medians over draws stay far below the spread of t
  // with two degrees of freedom
  const column = Array.from({ length: 4000 }, (_, i) => x[100 * i]).sort((a, b) => a - b)
  t.ok(Math.abs(column[2000]) < 15 && column[3000] - column[1000] > 5)
})

/** A step in z_j that changes the log-likelihood of data by about a fifth. */
function stepOf(task: Task, z: Float64Array, j: number, x: Float64Array): number {
  let step = 0.1
  const logAt = (value: number) =>
    likelihood(task)(task.prior.toTheta(z.map((own, at) => (at === j ? own + value : own))), x)[0]
  const here = logAt(0)
  for (let halving = 0; halving < 20 && !(Math.abs(logAt(step) - here) < 0.2); halving++) step /= 2
  return step
}

function likelihood(task: Task): NonNullable<Task['logLikelihood']> {
  if (!task.logLikelihood) throw new Error(`${task.name} has no likelihood`)
  return task.logLikelihood
}
