import t from 'tap'
import { type AdaptiveResult, dormandPrince, type Slope } from '../../../generative/matching/index.js'

/** Twenty equal steps: an error that asks for neither shorter nor longer ones. */
const unchanged = 0.9 ** 5

async function equalSteps(slope: Slope, start: number, to: number): Promise<AdaptiveResult & { errors: number[] }> {
  const errors: number[] = []
  const result = await dormandPrince(slope, Float64Array.of(start), [0, to], {
    errorOf: error => {
      errors.push(Math.abs(error[0]))
      return unchanged
    },
  })
  return { ...result, errors }
}

t.test('as a quadrature it is exact to degree 4, its embedded pair to degree 3', async t => {
  for (const degree of [0, 1, 2, 3, 4, 5]) {
    const { y, errors, accepted, evaluations } = await equalSteps(async (_, s) => Float64Array.of(s ** degree), 0, 3)
    const missed = Math.abs(y[0] / (3 ** (degree + 1) / (degree + 1)) - 1)
    t.equal(accepted, 20)
    t.equal(evaluations, 121)
    if (degree <= 4) t.ok(missed < 1e-14, `degree ${degree}: ${missed}`)
    else t.ok(missed > 1e-11, `degree ${degree}: ${missed}`)
    if (degree <= 3) t.ok(Math.max(...errors) < 1e-13)
    else t.ok(errors[10] > 1e-9)
  }
})

t.test('fifth order, and the error of a step is of fifth order too', async t => {
  const slope: Slope = async y => Float64Array.of(y[0])
  const [coarse, fine] = [await equalSteps(slope, 1, 4), await equalSteps(slope, 1, 2)]
  // Twenty steps over a span T leave T h^5, relative to exp(T): sixth power of the span.
  const missed = (found: AdaptiveResult, to: number) => Math.abs(found.y[0] / Math.exp(to) - 1)
  const order = Math.log2(missed(coarse, 4) / missed(fine, 2))
  t.ok(Math.abs(order - 6) < 0.3, `${order}`)
  const local = Math.log2(coarse.errors[0] / fine.errors[0])
  t.ok(Math.abs(local - 5) < 0.3, `${local}`)
})

t.test('steps shrink where the slope is steep and are reported once accepted', async t => {
  const seen: number[] = []
  const { y, rejected, accepted } = await dormandPrince(
    async (_, s) => Float64Array.of(1e-3 / ((s - 0.5) ** 2 + 1e-6)),
    Float64Array.of(0),
    [0, 1],
    { errorOf: error => Math.abs(error[0]) / 1e-8, onStep: s => seen.push(s) },
  )
  t.ok(Math.abs(y[0] - 2 * Math.atan(500)) < 1e-6)
  t.ok(rejected > 0)
  t.equal(seen.length, accepted)
  t.equal(seen.at(-1), 1)
  const steps = seen.slice(1).map((s, i) => s - seen[i])
  t.ok(Math.min(...steps) < Math.max(...steps) / 50)
})
