import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeKey, normal, periodicBox, uniform, wrapPositions } from '../../../core/index.js'
import { coefficientsOfRungs, descend, makeRungs } from '../../../generative/ladder/index.js'
import { makePairForce, pairBasis } from '../../../gnn/pairs/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { loadLadder, saveLadder } from '../../../pipelines/galaxies/coefficientFiles.js'
import { fitLadder } from '../../../pipelines/galaxies/ladderModel.js'
import { correlationFunction, overFields } from '../../../statistics/index.js'

const SIDE = 500
const POINTS = 600
const box = periodicBox(SIDE)

/**
 * A Thomas process: parents at random, about `richness` points around each, 12 Mpc/h an axis. Its clustering is known
 * and strong.
 */
function clusters(seed: number, richness: number): Field {
  const key = makeKey(seed)
  const parents = Math.round(POINTS / richness)
  const centres = uniform(key.split('centres'), parents * 3)
  const offsets = normal(key.split('offsets'), POINTS * 3)
  const whose = uniform(key.split('whose'), POINTS)
  const positions = new Float32Array(POINTS * 3).map(
    (_, i) => SIDE * centres[3 * Math.floor(whose[Math.floor(i / 3)] * parents) + (i % 3)] + 12 * offsets[i],
  )
  return { points: POINTS, positions: wrapPositions(positions, box), box, theta: { richness } }
}

const basis = pairBasis(box, { splines: 12, reach: 90, inner: 4 })
const rungs = makeRungs({ evaluations: 16, largest: 150, smallest: 3, knee: 60 })
// Rungs one after the other, each over all clouds: seconds on an idle machine.
t.setTimeout(180_000)
const fields = Array.from({ length: 24 }, (_, i) => clusters(i, 4 + (i % 3)))

t.test('a ladder draws clusters as clustered as simulated ones, at a richness between those it saw', async t => {
  const { ladder } = await fitLadder({ fields, basis, rungs, ridge: () => 0.01, threads: 2 })
  const force = makePairForce(basis)
  const coefficients = coefficientsOfRungs(ladder, { richness: 4.5 })
  const draw = async (seed: number) => {
    const start = uniform(makeKey(seed), POINTS * 3).map(u => u * SIDE)
    const drift = (x: Float32Array, rung: number) =>
      force(x, POINTS, rungs[rung].sigma, coefficients[rung], new Float32Array(POINTS * 3))
    const { positions } = await descend(ladder.rungs, drift, { start }, makeKey(seed).split('down'))
    return correlationFunction(wrapPositions(positions, box), box, [6, 15, 30, 50])
  }
  const drawn = overFields(await Promise.all(Array.from({ length: 12 }, (_, i) => draw(100 + i)))).mean
  // xi of a Thomas process: exp(-r^2 / (4 s^2)) / (parents per volume (4 pi s^2)^1.5)
  const known = (r: number) =>
    Math.exp((-r * r) / (4 * 144)) / ((POINTS / 4.5 / SIDE ** 3) * (4 * Math.PI * 144) ** 1.5)
  for (const [b, [low, high]] of [
    [6, 15],
    [15, 30],
  ].entries()) {
    let sum = 0
    let weight = 0
    for (let r = low; r < high; r += 0.1) {
      sum += r * r * known(r)
      weight += r * r
    }
    const expected = sum / weight
    t.ok(
      Math.abs(drawn[b] / expected - 1) < 0.15,
      `xi in ${low} to ${high}: drawn ${drawn[b]}, in closed form ${expected}`,
    )
  }
})

t.test('the same bytes on one thread and on two; a file gives back what was saved', async t => {
  const options = { fields: fields.slice(0, 3), basis, rungs: rungs.slice(0, 3), ridge: () => 0.1, seed: 3 }
  const one = await fitLadder({ ...options, threads: 1 })
  const two = await fitLadder({ ...options, threads: 2 })
  t.same(one, two)
  const path = join(t.testdir(), 'ladder.safetensors')
  saveLadder(path, one)
  t.same(loadLadder(path), one)
  rmSync(path)
  await t.rejects(fitLadder({ ...options, fields: [] }), /at least one field/)
})
