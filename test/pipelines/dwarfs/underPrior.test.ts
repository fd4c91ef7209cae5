import t from 'tap'
import { makeKey, normal, uniform } from '../../../core/index.js'
import { underPrior } from '../../../pipelines/dwarfs/underPrior.js'
import type { UserPrior } from '../../../pipelines/dwarfs/userPrior.js'
import { dwarfNames, dwarfPrior, fromUnitCube, priorNames } from '../../../simulators/dwarfs/index.js'

const key = makeKey(59)
const n = 20_000

const normalLog = (x: number, mean: number, variance: number) =>
  -0.5 * ((x - mean) ** 2 / variance + Math.log(2 * Math.PI * variance))

/** A posterior in closed form: gamma is N(0.4, 0.2), the other coordinates are as under the prior. */
function posterior() {
  const gammas = normal(key.split('gamma'), n).map(z => 0.4 + 0.2 * z)
  const u = uniform(key.split('box'), 6 * n)
  const others = priorNames.slice(1).reduce((sum, name) => sum - Math.log(dwarfPrior[name][1] - dwarfPrior[name][0]), 0)
  const theta = new Float64Array(6 * n)
  for (let i = 0; i < n; i++) {
    const own = { ...fromUnitCube(u.subarray(6 * i, 6 * i + 6), dwarfPrior), gamma: gammas[i] }
    for (const [p, name] of dwarfNames.entries()) theta[6 * i + p] = own[name]
  }
  const logProb = Float64Array.from(gammas, gamma => normalLog(gamma, 0.4, 0.04) + others)
  return { theta, logProb, diagnostics: { ess: n, rhat: 1 }, problems: ['of the draws'], others }
}

const given = posterior()
const under = (prior: UserPrior) => underPrior(given, dwarfPrior, prior, key)

t.test('log_prob is the log-density of the posterior under the other prior', async t => {
  const { theta, logProb, diagnostics } = under({ gamma: { normal: [1, 0.4] } })
  const effective = diagnostics.ess
  t.match(diagnostics, { rhat: 1 }, 'what else was reported of the draws stands')
  const chains = { ...given, each: { gamma: { rhat: 1, ess: 7 } } }
  t.match(underPrior(chains, dwarfPrior, { gamma: { normal: [1, 0.4] } }, key), { each: chains.each })
  // The product of the two normal densities; their evidence is known to 1 / sqrt(effective)
  const precision = 1 / 0.04 + 1 / 0.16
  const [mean, variance] = [(0.4 / 0.04 + 1 / 0.16) / precision, 1 / precision]
  for (let i = 0; i < n; i += 97) {
    const exact = normalLog(theta[6 * i], mean, variance) + given.others
    t.ok(Math.abs(logProb[i] - exact) < 4 / Math.sqrt(effective), `${logProb[i]} for ${exact}`)
  }
  const cut = under({ gamma: { uniform: [0.4, 2] } })
  for (let i = 0; i < n; i += 997) {
    const exact = normalLog(cut.theta[6 * i], 0.4, 0.04) + given.others + Math.log(2)
    t.ok(Math.abs(cut.logProb[i] - exact) < 4 / Math.sqrt(n), 'half of the posterior is twice as dense')
  }
})

t.test('a prior that reaches beyond the draws is told of, a line a parameter with both ranges', async t => {
  const lines = (prior: UserPrior) => {
    const [first, ...own] = under(prior).problems
    t.equal(first, 'of the draws', 'after those of the draws themselves')
    return own
  }
  t.same(lines({ gamma: { uniform: [-1, 2] }, log10_r_star: { normal: [-0.3, 0.1] } }), [])
  const [gamma, rho, more] = lines({
    gamma: { uniform: [-1.5, 2] },
    log10_rho_0: { normal: [7, 0.6] },
    beta_0: { uniform: [-0.4, 0] },
  })
  t.match(
    gamma,
    /^--prior reaches over gamma from -1.5 to 2, and the draws were made for -1 to 2: none can lie outside/,
  )
  t.match(rho, /over log10_rho_0 from 5.8 to 8.2 \(95% of it\), and the draws were made for 5 to 8:/)
  t.equal(more, undefined)
  t.match(lines({ log10_r_star: { uniform: [-3, 1] } }), [
    /log10_r_star from -3 to 1, and the draws were made for -1\.699 to 1:/,
  ])
})

t.test('one that meets no draw is refused', async t => {
  t.throws(() => under({ gamma: { uniform: [2.5, 3] } }), {
    name: 'UsageError',
    message: /leaves 0\.0 of/,
  })
})
