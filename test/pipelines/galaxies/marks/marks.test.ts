import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { makeKey, periodicBox, permutation, uniform } from '../../../../core/index.js'
import type { Field } from '../../../../io/galaxies/field.js'
import { meanScores, meanVelocities } from '../../../../pipelines/galaxies/marks/draw.js'
import { drawMarks, fitMarks, loadMarks, orderByMass, saveMarks } from '../../../../pipelines/galaxies/marks/index.js'
import { normalScores } from '../../../../pipelines/galaxies/marks/scores.js'
import { makeSurroundings } from '../../../../pipelines/galaxies/marks/surroundings.js'
import { termsAt } from '../../../../pipelines/galaxies/marks/thetaSpace.js'
import { pairSums, pairwiseVelocity } from '../../../../statistics/index.js'
import { clusteredField, LENGTH, turn } from './fields.js'

const fields = Array.from({ length: 16 }, (_, i) => clusteredField(i, 30 + 10 * (i % 4)))
const model = await fitMarks(fields, { seed: 3 })
const test = [0, 1, 2, 3].map(i => clusteredField(100 + i, 30 + 10 * i))

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

function rms(values: ArrayLike<number>): number {
  return Math.sqrt(mean(Array.from(values, v => v * v)))
}

t.test(
  'marks of fields not seen have the statistics of the true ones: infall, speeds of pairs, masses, masses of neighbours',
  async t => {
    const edges = [4, 8, 12, 25, 40]
    const true12: number[][] = []
    const drawn12: number[][] = []
    const speed: number[][] = [[], []]
    const spread: number[][] = [[], []]
    const product: number[][] = [[], []]
    const sorted: number[][][] = [[], []]
    for (const [i, field] of test.entries()) {
      const marks = await drawMarks(model, field, makeKey(i))
      const both = [
        { velocities: field.velocities!, logMass: field.logMass! },
        { velocities: marks.velocities, logMass: marks.logMass },
      ]
      true12.push([...pairwiseVelocity(field.positions, field.velocities!, field.box, edges)])
      drawn12.push([...pairwiseVelocity(field.positions, marks.velocities, field.box, edges)])
      for (const [which, { velocities, logMass }] of both.entries()) {
        speed[which].push(rms(velocities))
        const g = normalScores(logMass)
        const [counts, squares, products] = pairSums(field.positions, field.box, {
          edges: [2, 12],
          weights: [
            (dx, dy, dz, r, i, j) =>
              ([dx, dy, dz].reduce((sum, d, a) => sum + d * (velocities[3 * j + a] - velocities[3 * i + a]), 0) / r) **
              2,
            (_dx, _dy, _dz, _r, i, j) => g[i] * g[j],
          ],
        }).total
        spread[which].push(Math.sqrt(squares[0] / counts[0]))
        product[which].push(products[0] / counts[0])
      }
      sorted[0].push([...field.logMass!].sort((a, b) => a - b))
      sorted[1].push([...marks.logMass].sort((a, b) => a - b))
    }
    for (const rank of [0, 100, 200, 300, 380]) {
      const [known, found] = sorted.map(fields => mean(fields.map(masses => masses[rank])))
      t.ok(Math.abs(found - known) < 0.05, `mass ${rank}: ${found} of ${known}`)
    }
    for (const [bin, inner] of edges.slice(0, -1).entries()) {
      const [known, found] = [true12, drawn12].map(rows => mean(rows.map(row => row[bin])))
      t.ok(Math.abs(found - known) < 12 + 0.1 * Math.abs(known), `v12 from ${inner}: ${found} of ${known}`)
    }
    t.ok(Math.abs(mean(speed[1]) / mean(speed[0]) - 1) < 0.1, `rms ${mean(speed[1])} of ${mean(speed[0])}`)
    t.ok(Math.abs(mean(spread[1]) / mean(spread[0]) - 1) < 0.15, `pairs ${mean(spread[1])} of ${mean(spread[0])}`)
    t.ok(Math.abs(mean(product[1]) - mean(product[0])) < 0.15, `neighbours' scores ${product}`)
  },
)

t.test(
  'what is expected turns with the cloud: velocities as vectors, scores not at all; points may come in any order',
  async t => {
    const field = test[1]
    const terms = termsAt(model.theta, field.theta)
    const surround = makeSurroundings(model.basis, field.box, model.density)
    const scores = normalScores(field.logMass!)
    const expected = (positions: Float32Array, own: Float64Array) => {
      const around = surround(positions)
      return {
        velocities: Float32Array.from(meanVelocities(model, around, own, terms)),
        scores: meanScores(model, around, terms),
      }
    }
    const before = expected(field.positions, scores)
    const scale = rms(before.velocities)
    for (const axes of [
      [0, 1, 2],
      [1, 2, 0],
      [2, 1, 0],
    ])
      for (const signs of [
        [1, 1, 1],
        [-1, 1, -1],
        [-1, -1, -1],
      ]) {
        const after = expected(turn(field.positions, axes, signs), scores)
        const off = turn(before.velocities, axes, signs).map((v, i) => v - after.velocities[i])
        t.ok(rms(off) < 1e-3 * scale, `velocities ${axes} ${signs}: ${rms(off)}`)
        t.ok(rms(before.scores.map((v, i) => v - after.scores[i])) < 1e-3, 'scores')
      }
    const order = permutation(makeKey(1), field.points)
    const shuffled = field.positions.map((_, at) => field.positions[3 * order[Math.floor(at / 3)] + (at % 3)])
    const after = expected(
      shuffled,
      scores.map((_, i) => scores[order[i]]),
    )
    t.ok(rms(after.scores.map((v, i) => v - before.scores[order[i]])) < 1e-3)
  },
)

t.test('the same key draws the same bytes, another key others; a file keeps the model to the last bit', async t => {
  const path = join(t.testdir(), 'marks.safetensors')
  saveMarks(path, model)
  const loaded = loadMarks(path)
  t.same(loaded, model)
  const { positions, box, theta } = test[0]
  const draw = (of: typeof model, seed: number) => drawMarks(of, { positions, box, theta }, makeKey(seed))
  const [a, b, c] = [await draw(model, 1), await draw(loaded, 1), await draw(model, 2)]
  t.same(a, b)
  t.notSame(a.velocities, c.velocities)
  t.notSame(a.logMass, c.logMass)
  writeFileSync(path, 'no model')
  t.throws(() => loadMarks(path), { name: 'DataError' })
})

t.test('with a threshold every mass exceeds it', async t => {
  const { positions, box, theta } = test[2]
  const threshold = 14.3
  const half = positions.slice(0, 600)
  const { logMass } = await drawMarks(model, { positions: half, box, theta }, makeKey(4), { threshold })
  t.ok(logMass.every(m => m >= threshold - 1e-6))
})

t.test('orderByMass: heaviest first, every point keeps its own marks', async () =>
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: 0, max: 30 }), (seed, points) => {
      const logMass = uniform(makeKey(seed), points).map(u => Math.round(8 * u))
      const positions = Float32Array.from({ length: 3 * points }, (_, at) => at)
      const velocities = positions.map(x => -x)
      const field: Field = { points, positions, velocities, logMass, box: periodicBox(LENGTH), theta: {} }
      const out = orderByMass(field)
      const whole = Array.from({ length: points }, (_, i) => out.positions[3 * i] / 3)
      return (
        new Set(whole).size === points &&
        whole.every((from, i) => out.logMass![i] === logMass[from] && out.velocities![3 * i + 1] === -(3 * from + 1)) &&
        out.logMass!.every((m, i) => i === 0 || m <= out.logMass![i - 1])
      )
    }),
    { seed: 6, numRuns: 60 },
  ),
)

t.test('what cannot be drawn or fitted is refused', async t => {
  const { positions, box, theta } = test[0]
  const key = makeKey(0)
  await t.rejects(drawMarks(model, { positions, box, theta: { omega_m: 0.9 } }, key), { name: 'ThetaOutOfRange' })
  await t.rejects(drawMarks(model, { positions, box: periodicBox(200), theta }, key), { name: 'UsageError' })
  const crowd = uniform(key, 3 * 1000).map(u => LENGTH * u)
  await t.rejects(drawMarks(model, { positions: crowd, box, theta }, key), { name: 'UsageError', message: /at most/ })
  const { velocities: _, ...silent } = fields[0]
  await t.rejects(fitMarks([silent]), { name: 'DataError' })
  await t.rejects(fitMarks([]), { name: 'UsageError' })
  const control = new AbortController()
  control.abort()
  await t.rejects(fitMarks(fields, { signal: control.signal }))
})
