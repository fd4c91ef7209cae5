import t from 'tap'
import { makeKey, normal, UsageError } from '../../../core/index.js'
import {
  type LogDensityWithGradient,
  pointwiseTarget,
  sampleHmc,
  type Target,
} from '../../../generative/posterior/index.js'
import { expectation } from './expectation.js'

const key = makeKey(20261122)

const targetOf = (dim: number, withGradient: LogDensityWithGradient): Target =>
  pointwiseTarget(dim, x => withGradient(x, new Float64Array(dim)), withGradient)

/** x0 ~ N(1, 20^2), x1 = x0 / 40 + N(0, .1^2), x2 ~ N(0, 1): scales two hundred times apart. */
const gaussian: LogDensityWithGradient = (x, gradient) => {
  const along = (x[0] - 1) / 20
  const across = (x[1] - x[0] / 40) / 0.1
  gradient[0] = -along / 20 + across / 0.1 / 40
  gradient[1] = -across / 0.1
  gradient[2] = -x[2]
  return -(along ** 2 + across ** 2 + x[2] ** 2) / 2
}

/** x0 ~ N(0, 1), x1 ~ N(x0^2, .5^2). */
const banana: LogDensityWithGradient = (x, gradient) => {
  const off = (x[1] - x[0] ** 2) / 0.25
  gradient[0] = -x[0] + 2 * x[0] * off
  gradient[1] = -off
  return -(x[0] ** 2 + (x[1] - x[0] ** 2) * off) / 2
}

const cases: [string, LogDensityWithGradient, number, [string, (x: Float64Array) => number, number][]][] = [
  [
    'a Gaussian',
    gaussian,
    3,
    [
      ['<x0>', x => x[0], 1],
      ['var x0', x => (x[0] - 1) ** 2, 400],
      ['cov', x => (x[0] - 1) * (x[1] - 1 / 40), 10],
      ['var x2', x => x[2] ** 2, 1],
    ],
  ],
  [
    'a banana',
    banana,
    2,
    [
      ['<x0>', x => x[0], 0],
      ['share |x0| < 1', x => +(Math.abs(x[0]) < 1), 0.6826894921],
      ['share above the valley', x => +(x[1] > x[0] ** 2), 0.5],
    ],
  ],
]

for (const [name, logDensity, dim, moments] of cases) {
  t.test(`${name} by its gradient`, async t => {
    // the far ends of a banana are sharp, and larger steps are refused there for long
    const targetAcceptance = name === 'a banana' ? 0.95 : 0.8
    const start = Float64Array.from(normal(key.split(name), 4 * dim))
    const chains = await sampleHmc(targetOf(dim, logDensity), start, key.split(name), {
      warmUp: 600,
      length: 2500,
      targetAcceptance,
    })
    for (const [moment, f, expected] of moments) {
      const got = expectation(chains, f)
      t.ok(Math.abs(got.mean - expected) < 4 * got.error, `${moment} ${got.mean} +- ${got.error}, expected ${expected}`)
      t.ok(got.rhat() < 1.03, `R-hat ${got.rhat()}`)
    }
  })
}

t.test('the step size is tuned to the acceptance asked for', async t => {
  const round: LogDensityWithGradient = (x, gradient) => {
    gradient.set(x.map(u => -u))
    return -x.reduce((sum, u) => sum + u * u, 0) / 2
  }
  for (const targetAcceptance of [0.8, 0.9]) {
    const options = { warmUp: 2000, length: 1000, targetAcceptance }
    const { acceptance } = await sampleHmc(targetOf(5, round), new Float64Array(10).fill(0.3), key, options)
    // the average of step sizes keeps something of the first small ones
    t.ok(
      acceptance > targetAcceptance - 0.03 && acceptance < targetAcceptance + 0.1,
      `${acceptance}, asked for ${targetAcceptance}`,
    )
  }
})

t.test('a start without density is refused', async t => {
  const nowhere: LogDensityWithGradient = () => -Infinity
  await t.rejects(sampleHmc(targetOf(2, nowhere), new Float64Array(2), key, { warmUp: 1, length: 1 }), UsageError)
})
