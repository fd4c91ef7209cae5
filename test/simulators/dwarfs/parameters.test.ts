import fc from 'fast-check'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { normalCdf } from '../../../generative/posterior/standardNormal.js'
import { drawPrior, logNormalRows } from '../../../generative/prior/index.js'
import {
  type DwarfTheta,
  dwarfNames,
  dwarfParameters,
  dwarfPrior,
  fromCoordinates,
  priorWith,
  toUnitCube,
} from '../../../simulators/dwarfs/index.js'

const seed = { seed: 20261124, numRuns: 200 }
const dim = dwarfNames.length
const boxes = {
  default: dwarfPrior,
  wide: priorWith({ log10_r_s: [-3, 2], r_star_over_r_s: [1e-3, 1e3], r_a_over_r_star: [1e-3, 1e6] }),
}
const rows = fc
  .array(fc.double({ min: -7, max: 7, noNaN: true }), { minLength: dim, maxLength: 4 * dim })
  .map(z => Float64Array.from(z.slice(0, z.length - (z.length % dim))))
const named = (row: Float64Array) => Object.fromEntries(dwarfNames.map((name, i) => [name, row[i]])) as DwarfTheta
const at = (...coordinates: number[]) => {
  const theta = fromCoordinates(coordinates)
  return Float64Array.from(dwarfNames, name => theta[name])
}

for (const [which, box] of Object.entries(boxes)) {
  const { prior } = dwarfParameters(box)

  t.test(`${which} box: toNormal undoes toTheta`, async t => {
    // theta keeps the sixteen digits of a coordinate, z as many as the slope and the width of the box let through
    const widest = which === 'wide' ? 1e3 : 1
    fc.assert(
      fc.property(rows, z => {
        const back = prior.toNormal(prior.toTheta(z))
        return z.every((value, i) => Math.abs(back[i] - value) < 1e-9 + widest * 2e-13 * Math.exp((value * value) / 2))
      }),
      { ...seed, examples: [[new Float64Array(dim).fill(-7)], [new Float64Array(dim).fill(7)]] },
    )
    t.pass()
  })

  t.test(`${which} box: the unit cube of theta is the normal distribution function of z`, async t => {
    fc.assert(
      fc.property(rows, z => {
        const theta = prior.toTheta(z)
        for (let row = 0; row < z.length; row += dim) {
          const u = toUnitCube(named(theta.subarray(row, row + dim)), box)
          if (u.some((value, i) => Math.abs(value - normalCdf(z[row + i])) > 1e-12)) return false
        }
        return true
      }),
      seed,
    )
    t.pass()
  })

  t.test(`${which} box: logProb is log N(z) less the log-determinant of the map`, async t => {
    fc.assert(
      fc.property(rows, z => {
        const mild = z.map(value => value / 3)
        const [logProb, logNormal] = [prior.logProb(prior.toTheta(mild)), logNormalRows(mild, dim)]
        return logProb.every((value, row) => {
          const matrix = jacobian(mild.slice(row * dim, (row + 1) * dim))
          // theta_i depends on z_j with j <= i alone: the determinant is the product of the diagonal
          let logDet = 0
          for (let i = 0; i < dim; i++) logDet += Math.log(matrix[i * dim + i])
          return Math.abs(logNormal[row] - logDet - value) < 1e-4
        })
      }),
      { ...seed, numRuns: 50 },
    )
    t.pass()
  })

  t.test(`${which} box: pullBack is the transposed Jacobian`, async t => {
    const z = Float64Array.of(0.4, -0.7, 1.1, -1.3, 0.2, 0.9)
    const gradient = Float64Array.of(1, -2, 0.5, 3, -1, 2)
    const pulled = prior.pullBack(z, gradient)
    const matrix = jacobian(z)
    for (let j = 0; j < dim; j++) {
      let sum = 0
      for (let i = 0; i < dim; i++) sum += matrix[i * dim + j] * gradient[i]
      t.ok(Math.abs(sum - pulled[j]) < 1e-6 * (1 + Math.abs(sum)), `${sum} ${pulled[j]}`)
    }
  })

  /** d theta_i / d z_j by central differences, `[dim, dim]`. */
  function jacobian(z: Float64Array): Float64Array {
    const out = new Float64Array(dim * dim)
    for (let j = 0; j < dim; j++) {
      const [up, down] = [1e-5, -1e-5].map(step => prior.toTheta(z.map((value, i) => (i === j ? value + step : value))))
      for (let i = 0; i < dim; i++) out[i * dim + j] = (up[i] - down[i]) / 2e-5
    }
    return out
  }
}

t.test('the density integrates to one', async t => {
  const { prior } = dwarfParameters(dwarfPrior)
  const points = 60
  const middle = (low: number, high: number, i: number) => low + ((high - low) * (i + 0.5)) / points
  const [logShare, logMultiple] = [dwarfPrior.r_star_over_r_s, dwarfPrior.r_a_over_r_star].map(ends =>
    ends.map(Math.log10),
  )
  let sum = 0
  for (let i = 0; i < points; i++)
    for (let j = 0; j < points; j++) {
      const rStar = 0.3 + middle(logShare[0], logShare[1], i)
      const rA = rStar + middle(logMultiple[0], logMultiple[1], j)
      sum += Math.exp(prior.logProb(Float64Array.of(1, 0.3, 7, rStar, -0.2, rA))[0])
    }
  const cell = ((logShare[1] - logShare[0]) * (logMultiple[1] - logMultiple[0])) / points ** 2
  // the other four are uniform over 3, 2, 3 and 0.5
  t.ok(Math.abs(sum * cell * 3 * 2 * 3 * 0.5 - 1) < 1e-3, `${sum * cell * 9}`)
})

t.test('draws fill the box evenly', async t => {
  const n = 20_000
  const theta = drawPrior(dwarfParameters(dwarfPrior).prior, n, makeKey(4))
  const cubes = Array.from({ length: n }, (_, row) =>
    toUnitCube(named(theta.subarray(row * dim, (row + 1) * dim)), dwarfPrior),
  )
  for (let i = 0; i < dim; i++) {
    const sorted = cubes.map(u => u[i]).sort((a, b) => a - b)
    const farthest = Math.max(...sorted.map((u, rank) => Math.abs(u - (rank + 0.5) / n)))
    // Kolmogorov's 1.95 / sqrt(n): one even box in a thousand
    t.ok(farthest < 1.95 / Math.sqrt(n), `${dwarfNames[i]}: ${farthest}`)
  }
})

t.test('the ends of the box and beyond', async t => {
  const { prior } = dwarfParameters(dwarfPrior)
  const logBox = -Math.log(3 * 2 * 3 * 0.8 * 0.5 * 1.5)
  for (const [share, multiple] of [
    [0.2, 0.5],
    [1, 2],
    [0.2, 2],
    [0.6, 1],
  ])
    for (const logRs of [-1, -0.3, 1 / 3, 1]) {
      const [found] = prior.logProb(at(2, logRs, 5, share, 0, multiple))
      const expected = logBox + Math.log(share * Math.LN10) + Math.log(multiple * Math.LN10)
      t.ok(Math.abs(found - expected) < 1e-12, `${share} ${multiple} ${logRs}: ${found} ${expected}`)
    }
  for (const outside of [
    at(2.001, 0, 6, 0.5, -0.2, 1),
    at(1, 0, 6, 0.1999999, -0.2, 1),
    at(1, 0, 6, 0.5, -0.2, 2.0000001),
    Float64Array.of(1, 0, 6, Number.NaN, -0.2, 1),
    Float64Array.of(1, 0, 6, -Infinity, -0.2, 0),
  ]) {
    t.equal(prior.logProb(outside)[0], -Infinity)
    t.notOk(prior.toNormal(outside).every(Number.isFinite))
  }
  for (const wrong of [prior.toTheta, prior.toNormal, prior.logProb])
    t.throws(() => wrong(new Float64Array(5)), { message: /rows of 6 parameters/ })
})

t.test('names, units and labels agree in number', async t => {
  const { names, units, labels, prior } = dwarfParameters(dwarfPrior)
  t.same(names, dwarfNames)
  t.same(prior.names, dwarfNames)
  t.same(units, ['', 'log10 kpc', 'log10 Msun/kpc3', 'log10 kpc', '', 'log10 kpc'])
  t.equal(labels[3], 'log₁₀ r★  [kpc]')
  t.equal(labels.length, dim)
})
