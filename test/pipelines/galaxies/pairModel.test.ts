import t from 'tap'
import { makeKey, normal, periodicBox, uniform } from '../../../core/index.js'
import { coefficientsFor } from '../../../generative/pairs/index.js'
import { pairBasis, splinesAt } from '../../../gnn/pairs/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { fitPairModel, pairDenoiser } from '../../../pipelines/galaxies/pairModel.js'

const LENGTH = 1000
const SIGMA = 3

/**
 * Of two points d apart, each normal about one centre, the noise expected is -sigma d / (2 (spread^2 + sigma^2)):
 * linear in this.
 */
function pullOf(spread: number): number {
  return SIGMA / (2 * (spread ** 2 + SIGMA ** 2))
}

/** Isolated couples: two points, each `spread` (normal, an axis) from a centre of their own. */
function couples(seed: number, spread: number, points = 1000): Field {
  const key = makeKey(seed)
  const centres = uniform(key.split('centres'), (points / 2) * 3)
  const offsets = normal(key.split('offsets'), points * 3)
  const positions = new Float32Array(points * 3).map(
    (_, i) => LENGTH * centres[3 * Math.floor(i / 6) + (i % 3)] + spread * offsets[i],
  )
  return { points, positions, box: periodicBox(LENGTH), theta: { pull: pullOf(spread) } }
}

const basis = pairBasis(periodicBox(LENGTH), { gated: false, reach: 60, inner: 2, splines: 10 })
const SPREADS = Array.from({ length: 24 }, (_, i) => 2 + (i % 5))
const fields = SPREADS.map((spread, i) => couples(i, spread))
t.test('couples: the fit finds their score, which is known, for every spread', async t => {
  const model = await fitPairModel({ fields, levels: [SIGMA], basis, draws: 2, threads: 2 })
  t.equal(model.fields, 24)
  const splines = new Float64Array(3)
  for (const spread of [2, 4, 6]) {
    const coefficients = coefficientsFor(model.score, { pull: pullOf(spread) })(SIGMA)
    const known = -pullOf(spread)
    for (const r of [4, 6, 8]) {
      const first = splinesAt(basis, SIGMA, r, splines)
      const found = splines.reduce((sum, value, k) => sum + value * coefficients[first + k], 0)
      t.ok(Math.abs(found / known - 1) < 0.15, `spread ${spread}, r ${r}: ${found}, known ${known}`)
    }
  }
  const [{ train, heldOut }] = model.score.diagnostics
  t.ok(heldOut > 0.08 && Math.abs(heldOut - train) < 0.03, `explained ${train}, held out ${heldOut}`)
})

t.test('the same bytes on one thread and on two, from an array and from a stream', async t => {
  async function* stream(): AsyncGenerator<Field> {
    for (const field of fields.slice(0, 6)) yield field
  }
  const options = { levels: [2, 10], basis, seed: 5 }
  const one = await fitPairModel({ ...options, fields: fields.slice(0, 6), threads: 1 })
  const two = await fitPairModel({ ...options, fields: stream(), threads: 2 })
  t.same(one, two)
})

t.test('the denoiser spreads a batch over threads and keeps padding; a stopped fit rejects', async t => {
  const model = await fitPairModel({ fields: fields.slice(0, 6), levels: [2, 10], basis, threads: 2 })
  const x = { shape: [2, 1000, 3] as const, values: new Float32Array(6000) }
  x.values.set(fields[0].positions)
  x.values.set(fields[2].positions, 3000)
  const results = []
  for (const threads of [1, 2]) {
    const denoise = pairDenoiser(model, [{ pull: pullOf(2) }, { pull: pullOf(4) }], { threads, counts: [1000, 900] })
    results.push(await denoise(x, 3))
    await denoise.close()
  }
  t.same(results[0], results[1])
  t.same(results[0].shape, x.shape)
  t.same(results[0].values.slice(5700), x.values.slice(5700))
  t.notSame(results[0].values.slice(3000, 5700), x.values.slice(3000, 5700))
  t.ok(results[0].values.every(Number.isFinite))

  const control = new AbortController()
  const stopped = fitPairModel({
    fields,
    levels: [2],
    basis,
    threads: 1,
    signal: control.signal,
    onProgress: () => control.abort(),
  })
  await t.rejects(stopped)
  await t.rejects(fitPairModel({ fields: [] }), { name: 'UsageError' })
})
