import { existsSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { makeKey, normal, uniform } from '../../../../core/index.js'
import type { Field } from '../../../../io/galaxies/field.js'
import { fields } from '../../../../io/galaxies/index.js'
import { readObjects } from '../../../../io/objects/index.js'
import { poisson } from '../../../../pipelines/galaxies/marks/abundance.js'
import { dequantise, particleMass } from '../../../../pipelines/galaxies/marks/dequantise.js'
import {
  type Abundance,
  countVariance,
  drawCount,
  leastThreshold,
  meanCount,
} from '../../../../pipelines/galaxies/marks/index.js'
import { fitMassFunction, lnDensityAt, massAt } from '../../../../pipelines/galaxies/marks/massFunction.js'
import { normalQuantile, normalScores } from '../../../../pipelines/galaxies/marks/scores.js'
import { termsAt, thetaSpace } from '../../../../pipelines/galaxies/marks/thetaSpace.js'

const VOLUME = 1e9

/**
 * A mass function in closed form: ln n = ln n0 - slope (m - m0), both moved by theta; `clumping` is the spread of ln n
 * between fields.
 */
function lnDensity(theta: { readonly a: number; readonly b: number }, mass: number): number {
  return -12 + 2 * Math.log(theta.a) - (5 + theta.b) * (mass - 14)
}

function sampleOf(seed: number, theta: { readonly a: number; readonly b: number }, clumping: number): Float64Array {
  const key = makeKey(seed)
  const shift = clumping * normal(key.split('clumping'), 1)[0]
  const points = 3000
  // the heaviest 3000: a Poisson process in n
  let n = 0
  const steps = uniform(key.split('masses'), points)
  return Float64Array.from(steps, u => {
    n -= Math.log(u) / VOLUME
    return 14 + (-12 + 2 * Math.log(theta.a) + shift - Math.log(n)) / (5 + theta.b)
  })
}

const thetas = Array.from({ length: 60 }, (_, i) => {
  const [a, b] = uniform(makeKey(900 + i), 2)
  return { a: 0.5 + a, b }
})

function fitted(clumping: number): Abundance {
  const theta = thetaSpace(
    ['a', 'b'],
    thetas.map(({ a, b }) => [a, b]),
  )
  const samples = thetas.map((values, i) => ({
    logMass: sampleOf(i, values, clumping),
    volume: VOLUME,
    terms: termsAt(theta, values),
  }))
  return { theta, mass: fitMassFunction(samples, theta) }
}

t.test('a mass function known in closed form is found, and its spread between fields beyond Poisson', async t => {
  for (const clumping of [0, 0.06]) {
    const abundance = fitted(clumping)
    for (const theta of [
      { a: 0.8, b: 0.3 },
      { a: 1.2, b: 0.7 },
    ])
      for (const threshold of [14.1, 14.4, 14.8]) {
        if (threshold < leastThreshold(abundance, theta)) continue
        const mean = meanCount(abundance, { theta, threshold, volume: VOLUME })
        const known = Math.exp(lnDensity(theta, threshold)) * VOLUME
        t.ok(Math.abs(mean / known - 1) < 0.06, `clumping ${clumping}, ${threshold}: ${mean} of ${known}`)
      }
    const { spread } = abundance.mass
    t.ok(Math.abs(spread - clumping) < 0.02, `spread ${spread} of ${clumping}`)
  }
})

t.test('counts fall with the threshold, grow with the volume, and solve the quantile function', async () => {
  const abundance = fitted(0)
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0.6, max: 1.4, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (a, u) => {
        const theta = { a, b: 0.5 }
        const least = leastThreshold(abundance, theta)
        const threshold = least + u
        const of = { theta, threshold, volume: VOLUME }
        const mean = meanCount(abundance, of)
        const terms = termsAt(abundance.theta, theta)
        const solved = massAt(abundance.mass, terms)(lnDensityAt(abundance.mass, terms, threshold))
        return (
          Math.abs(solved - threshold) < 1e-9 &&
          meanCount(abundance, { ...of, threshold: threshold + 0.05 }) < mean &&
          Math.abs(meanCount(abundance, { ...of, volume: 8 * VOLUME }) / mean - 8) < 1e-9 &&
          countVariance(abundance, of) >= mean
        )
      },
    ),
    { seed: 11, numRuns: 50 },
  )
})

t.test('drawn counts have the mean and the variance that are told; the same key draws the same', async t => {
  const abundance = fitted(0.06)
  const of = { theta: { a: 1, b: 0.5 }, threshold: 14.2, volume: VOLUME }
  const counts = Array.from({ length: 3000 }, (_, i) => drawCount(abundance, makeKey(i), of))
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length
  const variance = counts.reduce((sum, c) => sum + (c - mean) ** 2, 0) / counts.length
  t.ok(Math.abs(mean / meanCount(abundance, of) - 1) < 0.01, `mean ${mean}`)
  t.ok(
    Math.abs(variance / countVariance(abundance, of) - 1) < 0.12,
    `variance ${variance} of ${countVariance(abundance, of)}`,
  )
  t.equal(drawCount(abundance, makeKey(5), of), counts[5])
  for (const expected of [0.3, 4, 700]) {
    const found = Array.from({ length: 2000 }, (_, i) => poisson(makeKey(i).split(expected), expected))
    const m = found.reduce((a, b) => a + b, 0) / 2000
    const v = found.reduce((sum, c) => sum + (c - m) ** 2, 0) / 2000
    t.ok(Math.abs(m / expected - 1) < 0.12 && Math.abs(v / expected - 1) < 0.15, `Poisson ${expected}: ${m}, ${v}`)
  }
})

t.test('a threshold below the fields of the fit is refused with the least that is known', async t => {
  const abundance = fitted(0)
  const theta = { a: 1, b: 0.5 }
  const least = leastThreshold(abundance, theta)
  t.throws(() => meanCount(abundance, { theta, threshold: least - 0.01, volume: VOLUME }), {
    name: 'UsageError',
    message: new RegExp(`at least ${(Math.ceil(least * 1000) / 1000).toFixed(3)} `),
  })
  t.throws(() => meanCount(abundance, { theta: { a: 9, b: 0.5 }, threshold: 15, volume: VOLUME }), {
    name: 'ThetaOutOfRange',
  })
  t.throws(() => meanCount(abundance, { theta, threshold: 15, volume: 0 }), { name: 'UsageError' })
})

t.test(
  'masses of whole particles become continuous: each within its step, the lightest in the part that was kept',
  async t => {
    // n(>m) falls as m^-3; a list cut amid halos of 30 particles
    const particle = particleMass(0.3)
    const points = 4000
    const least = 29.7
    const exact = Float64Array.from(uniform(makeKey(1), points), u => least * u ** (-1 / 3))
    const kept = exact.filter(m => m >= least)
    const logMass = Float32Array.from(kept, m => Math.log10(Math.round(m) * particle))
    const found = dequantise(logMass, particle, makeKey(2)).map(m => 10 ** m / particle)
    found.forEach((m, i) => {
      if (Math.abs(m - Math.round(kept[i])) > 0.5 + 1e-6) t.fail(`${m} for ${kept[i]}`)
    })
    const lightest = found.reduce((a, b) => Math.min(a, b))
    t.ok(Math.abs(lightest - least) < 0.15, `lightest ${lightest}`)
    // values that are no multiples are left alone
    const free = Float32Array.from(exact.slice(0, 100), m => Math.log10((m + 0.37) * particle))
    t.same(dequantise(free, particle, makeKey(3)), Float64Array.from(free))
  },
)

t.test('normal scores: quantiles of scipy, ranks with ties by index', async t => {
  // python -c "from scipy.stats import norm; print(norm.ppf([1e-5,.01,.3,.5,.999]))"   scipy 1.17
  const known = [-4.264890793922825, -2.3263478740408408, -0.5244005127080409, 0, 3.090232306167813]
  ;[1e-5, 0.01, 0.3, 0.5, 0.999].forEach((p, i) => {
    t.ok(Math.abs(normalQuantile(p) - known[i]) < 1e-7 * Math.max(1, Math.abs(known[i])))
  })
  t.same(normalScores([3, 1, 1]), [normalQuantile(5 / 6), normalQuantile(1 / 6), normalQuantile(0.5)])
})

const path = '../shared/data/cosmology/halos'
t.test(
  'halo fields: counts at fields that the fit has not seen',
  {
    skip: existsSync(path) ? false : 'no ../shared/data beside the checkout',
    timeout: 120_000,
  },
  async t => {
    const read = async (name: string, rows: { from: number; to: number }): Promise<Field[]> => {
      const out: Field[] = []
      for await (const field of readObjects(fields, `${path}/${name}.h5`, { rows })) out.push(field)
      return out
    }
    const training = await read('train', { from: 0, to: 120 })
    const names = Object.keys(training[0].theta)
    const theta = thetaSpace(
      names,
      training.map(field => names.map(name => field.theta[name])),
    )
    const masses = (field: Field, i: number) =>
      dequantise(field.logMass!, particleMass(field.theta.omega_m), makeKey(i)).sort().reverse()
    const samples = training.map((field, i) => ({
      logMass: masses(field, i),
      volume: VOLUME,
      terms: termsAt(theta, field.theta),
    }))
    const abundance = { theta, mass: fitMassFunction(samples, theta) }
    for (const [name, rows] of [
      ['train', { from: 120, to: 135 }],
      ['fiducial', { from: 0, to: 16 }],
    ] as const) {
      let chi2 = 0
      let offset = 0
      let count = 0
      for (const [i, field] of (await read(name, rows)).entries()) {
        const all = masses(field, 500 + i)
        // half a step above whole particles, where a count of steps and a continuous mass agree
        const step = particleMass(field.theta.omega_m)
        const least = Math.round(10 ** all[all.length - 1] / step)
        for (const threshold of [least + 1.5, 2 * least + 0.5].map(n => Math.log10(n * step))) {
          if (threshold < leastThreshold(abundance, field.theta, true)) continue
          const of = { theta: field.theta, threshold, volume: VOLUME, extrapolate: true }
          const found = all.filter(m => m > threshold).length
          const mean = meanCount(abundance, of)
          chi2 += (found - mean) ** 2 / countVariance(abundance, of)
          offset += found / mean - 1
          count++
        }
      }
      t.comment(
        `${name}: ${count} counts, chi2 ${(chi2 / count).toFixed(2)} each, offset ${((100 * offset) / count).toFixed(2)}%`,
      )
      t.ok(
        chi2 / count < 2.5 && Math.abs(offset / count) < 0.03,
        `${name}: chi2 ${chi2 / count}, offset ${offset / count}`,
      )
    }
  },
)
