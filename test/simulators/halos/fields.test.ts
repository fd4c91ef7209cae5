import { existsSync } from 'node:fs'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { fields as kind } from '../../../io/galaxies/fields.js'
import { readObjects } from '../../../io/objects/index.js'
import {
  cosmologyOf,
  despali16,
  fiducial,
  haloSimulator,
  linearPower,
  massFunction,
  meanMatterDensity,
  numberAbove,
  tinker08,
} from '../../../simulators/index.js'

// An eighth of the volume of a PINOCCHIO field a piece, on cells of the same size.
const [box, grid, pieces, points] = [500, 96, 4, 1000]
const path = '../shared/data/cosmology/halos/fiducial.h5'

// some ten seconds alone, more beside others
t.setTimeout(240_000)

const simulator = haloSimulator(1)
const fields: Field[] = []
for (let i = 0; i < pieces; i++)
  fields.push(await simulator.run(makeKey(11).split(i), { theta: fiducial, box, grid, points }))
await simulator.close()

/** log10 Msun/h between halos of one cell less and of so many: masses are whole cells. */
const logMassOf = (cells: number) =>
  Math.log10((cells - 0.5) * meanMatterDensity(cosmologyOf(fiducial)) * (box / grid) ** 3)

/** Number density of halos at least as heavy, (h/Mpc)^3. */
const above = (fields: readonly Field[], logMass: number, volume: number) =>
  fields.reduce((sum, field) => sum + (field.logMass ?? []).filter(m => m >= logMass).length, 0) / volume

t.test('the mass function is within 20% of Tinker and of Despali for 200 times the mean density', async t => {
  const cosmology = cosmologyOf(fiducial)
  const power = linearPower(cosmology)
  for (const cells of [24, 30, 40]) {
    const logMass = logMassOf(cells)
    const ours = above(fields, logMass, pieces * box ** 3)
    for (const [name, multiplicity] of [
      ['Tinker', tinker08],
      ['Despali', despali16(cosmology, 200)],
    ] as const) {
      const expected = numberAbove(massFunction(cosmology, power, multiplicity), 10 ** logMass)
      t.ok(Math.abs(ours / expected - 1) < 0.2, `${name} above ${logMass.toFixed(2)}: ${(ours / expected).toFixed(3)}`)
    }
  }
})

/** Correlation function and mean approach in km/s of the pairs of the heaviest `count` in each bin of separation. */
function pairs(field: Field, count: number, edges: readonly number[]) {
  const { positions, velocities = new Float32Array() } = field
  const side = field.box[0] ?? 0
  const bins = edges.slice(1).map(() => ({ found: 0, approach: 0 }))
  const d = new Float64Array(3)
  const furthest = (edges.at(-1) ?? 0) ** 2
  for (let i = 0; i < count; i++)
    for (let j = i + 1; j < count; j++) {
      let squared = 0
      for (let axis = 0; axis < 3; axis++) {
        const gap = positions[3 * j + axis] - positions[3 * i + axis]
        d[axis] = gap - side * Math.round(gap / side)
        squared += d[axis] * d[axis]
      }
      if (squared >= furthest || squared < edges[0] ** 2) continue
      const r = Math.sqrt(squared)
      const bin = bins[edges.findIndex((low, at) => r >= low && r < edges[at + 1])]
      bin.found++
      for (let axis = 0; axis < 3; axis++)
        bin.approach += ((velocities[3 * j + axis] - velocities[3 * i + axis]) * d[axis]) / r
    }
  return bins.map(({ found, approach }, at) => {
    const shell = ((4 * Math.PI) / 3) * (edges[at + 1] ** 3 - edges[at] ** 3)
    return { xi: found / (((count * (count - 1)) / 2) * (shell / side ** 3)) - 1, v12: approach / found }
  })
}

t.test(
  'against fields of PINOCCHIO 5.1 at the same cosmology',
  { skip: existsSync(path) ? false : 'no ../shared/data beside the checkout' },
  async t => {
    const theirs: Field[] = []
    for await (const field of readObjects(kind, path, { rows: { from: 0, to: 2 } })) theirs.push(field)
    for (const cells of [26, 32, 45]) {
      const logMass = logMassOf(cells)
      const ratio = above(fields, logMass, pieces * box ** 3) / above(theirs, logMass, 2 * 1000 ** 3)
      t.ok(Math.abs(ratio - 1) < 0.2, `number above ${logMass.toFixed(2)}: ${ratio.toFixed(3)}`)
    }
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
    const edges = [5, 12, 25]
    const ours = fields.map(field => pairs(field, 625, edges))
    const reference = theirs.map(field => pairs(field, 5000, edges))
    for (const [bin, share] of [0.3, 0.25].entries()) {
      const xi = mean(ours.map(one => one[bin].xi)) / mean(reference.map(one => one[bin].xi))
      const v12 = mean(ours.map(one => one[bin].v12)) / mean(reference.map(one => one[bin].v12))
      const where = `in ${edges[bin]}-${edges[bin + 1]} Mpc/h`
      t.ok(Math.abs(xi - 1) < share, `xi ${where}: ${xi.toFixed(3)} of theirs`)
      t.ok(Math.abs(v12 - 1) < share, `v12 ${where}: ${v12.toFixed(3)} of theirs`)
    }
    const rms = (field: Field) => Math.sqrt(mean(Array.from(field.velocities ?? [], v => v * v)))
    // a box of half the side lacks the longest flows: a few per cent
    const ratio = mean(fields.map(rms)) / mean(theirs.map(rms))
    t.ok(ratio > 0.8 && ratio < 1.1, `velocities: ${ratio.toFixed(3)} of theirs`)
  },
)
