import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { type Chains, diagnose } from '../../../generative/posterior/index.js'
import { publishedSchools } from './eightSchools.js'
import { expectation } from './expectation.js'
import { right, type SamplerName, samplers, type TargetName, warned } from './samplers.js'
import { targets } from './targets.js'

const key = makeKey(Number(process.env.STIPPLE_TABLE_SEED ?? 20261123))

/** From draws of the prior, which are as far apart as anybody who knows no better would start. */
async function run(
  sampler: SamplerName,
  name: TargetName,
  effort: number,
  chains: number = samplers[sampler].chains,
): Promise<Chains> {
  const { dim, prior, target } = targets[name]
  const own = key.split(sampler).split(name)
  const start = prior.toTheta(Float64Array.from(normal(own.split('start'), chains * dim)))
  return samplers[sampler].run(target, start, own.split('run'), effort)
}

for (const [sampler, name, effort] of right) {
  t.test(`${sampler} is right on the ${name}, and its diagnostics agree`, async t => {
    const chains = await run(sampler, name, effort)
    for (const { name: what, of, value } of targets[name].expectations) {
      const { mean, error } = expectation(chains, of)
      t.ok(Math.abs(mean - value) < 4 * error, `${what}: ${mean} +- ${error}, the truth is ${value}`)
    }
    // an ensemble's walkers are many short chains, and R-hat is noisier the shorter they are
    const { trusted, verdict } = diagnose(chains, sampler === 'ensemble' ? { rhatBelow: 1.03 } : {})
    t.ok(trusted, verdict)
  })
}

for (const [sampler, name, effort, expected] of warned) {
  t.test(`${sampler} cannot do the ${name}, and says so`, async t => {
    // no diagnostic knows of a mode that no chain began in: four chains all begin on one side with odds of one in eight
    const chains = await run(sampler, name, effort, name === 'two modes' ? 8 : undefined)
    const { trusted, verdict } = diagnose(chains)
    t.ok(!trusted && expected.test(verdict), verdict)
  })
}

t.test('NUTS on the eight schools equals what is published', async t => {
  const chains = await run('NUTS', 'eight schools', 2)
  const values = {
    theta1: (x: Float64Array) => x[0] + Math.exp(x[1]) * x[2],
    theta3: (x: Float64Array) => x[0] + Math.exp(x[1]) * x[4],
    theta7: (x: Float64Array) => x[0] + Math.exp(x[1]) * x[8],
    mu: (x: Float64Array) => x[0],
    tau: (x: Float64Array) => Math.exp(x[1]),
  }
  for (const [name, { mean, error, quantiles }] of Object.entries(publishedSchools)) {
    const of = values[name as keyof typeof values]
    const own = expectation(chains, of)
    t.ok(
      Math.abs(own.mean - mean) < 4 * Math.hypot(own.error, error),
      `${name}: ${own.mean} +- ${own.error}, ${mean} +- ${error}`,
    )
    for (const [i, share] of [0.05, 0.5, 0.95].entries()) {
      const below = expectation(chains, x => +(of(x) < quantiles[i]))
      // their quantile is of 10,000 independent draws
      const theirs = Math.sqrt((share * (1 - share)) / 10_000)
      t.ok(
        Math.abs(below.mean - share) < 4 * Math.hypot(below.error, theirs),
        `${share} of ${name}: ${below.mean} +- ${below.error} below ${quantiles[i]}`,
      )
    }
  }
})
