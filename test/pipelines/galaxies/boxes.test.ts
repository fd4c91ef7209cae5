import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { makeKey, normal, periodicBox, permutation, uniform, wrap } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { drawFields } from '../../../pipelines/galaxies/draw.js'
import { loadGalaxiesModel, noisePredictor } from '../../../pipelines/galaxies/model.js'
import { quietContext } from '../../../pipelines/run/index.js'
import { correlationFunction } from '../../../statistics/index.js'
import { trainGalaxies, trainOptions, writeFields } from './tiny.js'

const side = 200
const density = 400 / side ** 3

/**
 * Clusters of four points about centres at random: xi is known to fall from some tens to nothing within three spreads.
 */
function clusters(seed: number): Field {
  const key = makeKey(seed).split('clusters')
  const points = 400
  const centres = uniform(key.split('centres'), (points / 4) * 3)
  const offsets = normal(key.split('offsets'), points * 3)
  const positions = offsets.map((offset, i) =>
    wrap(side * centres[3 * Math.floor(i / 12) + (i % 3)] + 4 * offset, side),
  )
  return {
    points,
    positions: Float32Array.from(positions, x => (x < Math.fround(side) ? x : 0)),
    box: periodicBox(side),
    theta: { a: 1 + (seed % 3) },
  }
}

const run = join(t.testdir({}), 'run')
const data = join(t.testdirName, 'fields.h5')
await writeFields(
  data,
  Array.from({ length: 24 }, (_, i) => clusters(i)),
  { seed: 0 },
)
await trainGalaxies(
  trainOptions([data], run, ['pairs.levels=6', 'noise.sigmaMin=1.5', 'noise.sigmaMaxOverBox=0.3', 'pairs.gated=false']),
  quietContext(makeKey(0)),
)
const model = await loadGalaxiesModel(run)
const edges = [2, 4, 7, 11, 16]

/** Mean and standard error of xi over fields drawn in a box of the training density. */
async function drawnXi(box: number, n: number): Promise<{ mean: number[]; error: number[]; fields: readonly Field[] }> {
  const key = makeKey(5).split(box)
  const { fields } = await drawFields(
    {
      run,
      box,
      thetas: Array.from({ length: n }, () => ({ a: 2 })),
      points: Math.round(density * box ** 3),
      sampler: 'heun-sde',
      steps: 16,
      threads: 2,
      device: 'cpu',
      key,
      label: '',
    },
    quietContext(key),
  )
  const xis = fields.map(field => correlationFunction(field.positions, field.box, edges))
  const mean = edges.slice(1).map((_, bin) => xis.reduce((sum, xi) => sum + xi[bin], 0) / n)
  const error = mean.map((m, bin) => Math.sqrt(xis.reduce((sum, xi) => sum + (xi[bin] - m) ** 2, 0) / (n - 1) / n))
  return { mean, error, fields }
}

t.test(
  'the model knows lengths and a density, not a box: xi in half and in twice the box is that in the box',
  async t => {
    const whole = await drawnXi(side, 16)
    t.ok(whole.mean[0] > 5 * whole.error[0] && whole.mean[0] > 3, `clustered at all: xi ${whole.mean}`)
    for (const [box, n] of [
      [100, 64],
      [2 * side, 4],
    ]) {
      const other = await drawnXi(box, n)
      for (const field of other.fields) {
        t.equal(field.points, Math.round(density * box ** 3))
        t.ok(field.positions.every(x => x >= 0 && x < box))
        t.same(field.box, periodicBox(box))
      }
      whole.mean.forEach((xi, bin) => {
        const error = Math.hypot(whole.error[bin], other.error[bin], 0.03 * xi)
        const off = (other.mean[bin] - xi) / error
        t.ok(Math.abs(off) < 3.5, `box ${box}, bin ${edges[bin]}: ${other.mean[bin]}, in ${side} ${xi}: ${off} errors`)
      })
    }
  },
)

for (const box of [60, 100, 2 * side]) {
  t.test(`a box of ${box}: the score moves with the cloud and is permuted with its points`, async () => {
    const points = Math.round(density * box ** 3)
    const predict = await noisePredictor(model, { a: 2 }, points, { threads: 1, box })
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.array(fc.integer({ min: -90, max: 90 }), { minLength: 3, maxLength: 3 }),
        async (seed, shift) => {
          const key = makeKey(seed)
          const positions = uniform(key.split('x'), 3 * points).map(u => u * box)
          const order = permutation(key.split('order'), points)
          const moved = positions.map((_, i) => positions[3 * order[Math.floor(i / 3)] + (i % 3)] + shift[i % 3])
          const [before, after] = [await predict(positions, 3), await predict(moved, 3)]
          const scale = before.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
          return (
            scale > 0 &&
            after.every((v, i) => Math.abs(v - before[3 * order[Math.floor(i / 3)] + (i % 3)]) < 2e-3 * scale)
          )
        },
      ),
      { seed: 8, numRuns: 8 },
    )
  })
}
