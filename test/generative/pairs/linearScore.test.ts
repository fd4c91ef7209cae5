import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { makeCholesky } from '../../../engine/linalg/cholesky.js'
import {
  coefficientsFor,
  contract,
  explainedShare,
  fitRidge,
  type LinearScore,
  linearDenoiser,
  type RidgeRow,
  termPenalties,
  termValues,
  thetaTerms,
} from '../../../generative/pairs/index.js'

const names = ['omega_m', 'sigma_8', 'h']
const thetas = Array.from({ length: 40 }, (_, i) => [0.1 + 0.01 * i, 0.6 + 0.4 * Math.abs(Math.sin(i)), 0.7])
const featureTotal = 4
const space = thetaTerms(names, thetas)

/** Moments of a cloud whose noise is features times the coefficients at its theta, plus a remainder. */
function cloud(index: number, truth: Float64Array, remainder: number): RidgeRow {
  const terms = termValues(space, thetas[index])
  const c = contract(truth, terms)
  const key = makeKey(index)
  const rows = 200
  const features = normal(key.split('features'), rows * featureTotal)
  const rest = normal(key.split('rest'), rows)
  const packed = new Float64Array(((featureTotal + 1) * (featureTotal + 2)) / 2)
  for (let r = 0; r < rows; r++) {
    const row = [...features.subarray(r * featureTotal, (r + 1) * featureTotal)]
    row.push(row.reduce((sum, f, k) => sum + f * c[k], remainder * rest[r]))
    for (let i = 0, at = 0; i <= featureTotal; i++) for (let j = 0; j <= i; j++) packed[at++] += row[i] * row[j]
  }
  return { moments: { rows, packed }, terms }
}

const truth = Float64Array.from(normal(makeKey(99), space.terms.length * featureTotal), z => 0.3 * z)

t.test('terms: a constant, what varies, and the quadratic ones where fields allow', async t => {
  t.same(space.terms, [[], [0], [1], [0, 0], [0, 1], [1, 1]])
  t.same(termPenalties(space), [1, 10, 10, 100, 100, 100])
  t.same(thetaTerms(names, thetas.slice(0, 5)).terms, [[], [0], [1]])
  t.same(thetaTerms(names, [thetas[0]]).terms, [[]])
  const standard = thetas.map(row => termValues(space, row))
  for (const q of [1, 2]) {
    const values = standard.map(v => v[q])
    t.ok(Math.abs(values.reduce((a, b) => a + b)) < 1e-9)
    t.ok(Math.abs(values.reduce((a, b) => a + b * b, 0) / values.length - 1) < 1e-9)
  }
})

t.test('ridge: recovers the coefficients of every term, exactly without a remainder', async t => {
  const solver = await makeCholesky()
  const penalties = termPenalties(space)
  const exact = thetas.map((_, i) => cloud(i, truth, 0))
  const fit = await fitRidge(exact, [], { penalties, ridges: [1e-12] }, solver)
  t.ok(fit.coefficients.every((c, i) => Math.abs(c - truth[i]) < 1e-6))
  t.ok(Math.abs(fit.train - 1) < 1e-6)
  t.ok(Number.isNaN(fit.heldOut))

  const noisy = thetas.map((_, i) => cloud(i, truth, 1))
  const chosen = await fitRidge(noisy.slice(8), noisy.slice(0, 8), { penalties, ridges: [1e-9, 1e-4, 100] }, solver)
  t.not(chosen.ridge, 100, 'held-out clouds refuse a penalty that hides the signal')
  t.ok(chosen.coefficients.every((c, i) => Math.abs(c - truth[i]) < 0.1))
  t.ok(chosen.heldOut <= chosen.train + 0.05 && chosen.heldOut > 0.1)
  const none = await fitRidge(noisy, [], { penalties, ridges: [1e9] }, solver)
  t.ok(
    none.coefficients.every(c => Math.abs(c) < 1e-6),
    'an endless penalty leaves nothing',
  )
})

t.test('ridge: no other coefficients explain more of the training clouds', async t => {
  const solver = await makeCholesky()
  const clouds = thetas.map((_, i) => cloud(i, truth, 1))
  const fit = await fitRidge(clouds, [], { penalties: termPenalties(space), ridges: [1e-12] }, solver)
  for (let i = 0; i < fit.coefficients.length; i++)
    for (const step of [-0.01, 0.01]) {
      const other = fit.coefficients.slice()
      other[i] += step
      t.ok(explainedShare(other, clouds) < fit.train)
    }
})

const model: LinearScore = {
  theta: thetaTerms(['omega_m'], [[0.1], [0.5]]),
  sigmas: [1, 4, 16],
  features: 2,
  coefficients: [1, 2, 3].map(level => Float64Array.of(level, 10 * level, 0.1, 0)),
  diagnostics: [],
}

t.test('coefficients: exact at levels, linear in log sigma between, the score held below, nothing above', async t => {
  const at = coefficientsFor(model, { omega_m: 0.5 })
  t.same([...at(4)], [2.1, 20])
  t.ok(Math.abs(at(2)[0] - 1.6) < 1e-12 && Math.abs(at(8)[1] - 25) < 1e-12)
  t.same([...at(0.5)], [0.55, 5])
  t.same([...at(17)], [0, 0])
  t.same([...coefficientsFor(model, { omega_m: 0.1 })(4)], [1.9, 20])
})

t.test('coefficients: a theta outside the training range is refused, and one that is missing', async t => {
  t.throws(() => coefficientsFor(model, { omega_m: 0.6 }), { name: 'ThetaOutOfRange' })
  t.throws(() => coefficientsFor(model, { sigma_8: 0.8 }), { name: 'UsageError' })
  t.ok(coefficientsFor(model, { omega_m: 0.6 }, true)(1)[0] > 1.1)
})

t.test('denoiser: D = x - sigma force, cloud by cloud with its theta, padded points as they came', async t => {
  const bound = [0.1, 0.5].map(omega_m => coefficientsFor(model, { omega_m }))
  const denoise = linearDenoiser(async (x, sigma, c) => x.map(v => (v * c[0]) / sigma), bound, [2, 1])
  const x = { shape: [2, 2, 3] as const, values: Float32Array.from({ length: 12 }, (_, i) => i + 1) }
  const { shape, values } = await denoise(x, 4)
  t.same(shape, [2, 2, 3])
  for (let i = 0; i < 12; i++) {
    const expected = i < 6 ? (i + 1) * (1 - 1.9) : i < 9 ? (i + 1) * (1 - 2.1) : i + 1
    t.ok(Math.abs(values[i] - expected) < 1e-5, `${i}: ${values[i]}, expected ${expected}`)
  }
  await t.rejects(denoise({ shape: [2, 2, 4], values: new Float32Array(16) }, 4), { name: 'UsageError' })
  await t.rejects(denoise({ shape: [1, 2, 3], values: new Float32Array(6) }, 4), { name: 'UsageError' })
})
