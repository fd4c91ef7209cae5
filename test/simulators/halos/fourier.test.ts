import t from 'tap'
import { type ArrayValue, makeKey, normal, type Tree } from '../../../core/index.js'
import { runEager } from '../../../engine/index.js'
import {
  bandUpTo,
  forwardMatrices,
  forwardTransform,
  fullBand,
  inverseMatrices,
  inverseTransforms,
  waveNumbers,
} from '../../../simulators/halos/fourier.js'
import { gaussianField, makeForward } from '../../../simulators/halos/linearField.js'
import { restrict } from '../../../simulators/halos/slabs.js'
import { cosmologyOf, fiducial, linearPower } from '../../../simulators/index.js'

const valuesOf = (tree: Tree<ArrayValue>) => (tree as ArrayValue).values as Float32Array
const forwardOf = (n: number, values: Float32Array): Float32Array => {
  const { across, along } = forwardMatrices(n)
  return valuesOf(runEager(forwardTransform, { shape: [n, n, n], values }, across, along))
}
const inverseOf = (
  modes: ArrayValue,
  matrices: ReturnType<ReturnType<typeof inverseMatrices>>,
  orders: readonly (readonly [number, number, number])[],
): Float32Array[] => {
  const program = (modes: never, matrices: never) => inverseTransforms(modes, matrices, orders)
  return (runEager(program, modes, { ...matrices }) as readonly ArrayValue[]).map(valuesOf)
}
const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...range(a.length).map(i => Math.abs(a[i] - b[i])))

t.test('the forward transform is the direct sum, and the inverse undoes it', async t => {
  for (const n of [6, 10]) {
    const field = normal(makeKey(n), n ** 3)
    const modes = forwardOf(n, field)
    const { across, along } = fullBand(n)
    for (const [iy, ix, iz] of [
      [0, 0, 0],
      [1, 4, 2],
      [n - 1, n / 2, n / 2],
    ]) {
      let [re, im] = [0, 0]
      for (let i = 0; i < n ** 3; i++) {
        const [x, y, z] = [Math.floor(i / (n * n)), Math.floor(i / n) % n, i % n]
        const phase = (-2 * Math.PI * (across[ix] * x + across[iy] * y + along[iz] * z)) / n
        re += field[i] * Math.cos(phase)
        im += field[i] * Math.sin(phase)
      }
      const at = ((iy * n + ix) * 2 * along.length + iz) | 0
      t.ok(
        Math.abs(modes[at] - re) < 1e-3 && Math.abs(modes[at + along.length] - im) < 1e-3,
        `n ${n} mode ${ix} ${iy} ${iz}`,
      )
    }
    const matrices = inverseMatrices({ n, box: 1, band: fullBand(n), orders: 1 })
    const [whole] = inverseOf({ shape: [n, n, 2, n / 2 + 1], values: modes }, matrices(range(n)), [[0, 0, 0]])
    t.ok(furthest(whole, field) < 1e-5)
    const [slab] = inverseOf({ shape: [n, n, 2, n / 2 + 1], values: modes }, matrices([4, 5]), [[0, 0, 0]])
    t.ok(furthest(slab, field.subarray(4 * n * n, 6 * n * n)) < 1e-5, 'two planes alone are those of the whole')
  }
})

t.test('derivatives, a filter and a cut of the band are those of a plane wave in closed form', async t => {
  const [n, box, radius] = [12, 30, 2]
  const unit = (2 * Math.PI) / box
  const [kx, ky, kz] = [2 * unit, -unit, unit]
  const phase = (i: number) =>
    ((kx * Math.floor(i / (n * n)) + ky * (Math.floor(i / n) % n) + kz * (i % n)) * box) / n + 0.4
  const field = Float32Array.from({ length: n ** 3 }, (_, i) => Math.cos(phase(i)))
  const band = bandUpTo(n, 3)
  const modes = restrict(forwardOf(n, field), n, band)
  t.same(modes.shape, [7, 7, 2, 4])
  const matrices = inverseMatrices({ n, box, band, orders: 3, radius, scale: -2 })(range(n))
  const damped = -2 * Math.exp((-(kx * kx + ky * ky + kz * kz) * radius * radius) / 2)
  const [y, xx, xz] = inverseOf(modes, matrices, [
    [0, 1, 0],
    [2, 0, 0],
    [1, 0, 1],
  ])
  const expected = (of: (phase: number) => number) => range(n ** 3).map(i => damped * of(phase(i)))
  t.ok(
    furthest(
      y,
      expected(p => -ky * Math.sin(p)),
    ) < 1e-5,
  )
  t.ok(
    furthest(
      xx,
      expected(p => -kx * kx * Math.cos(p)),
    ) < 1e-5,
  )
  t.ok(
    furthest(
      xz,
      expected(p => -kx * kz * Math.cos(p)),
    ) < 1e-5,
  )
})

t.test('a Gaussian field has the power asked for, on a grid of no power of two', async t => {
  const [n, box] = [60, 470]
  const power = linearPower(cosmologyOf(fiducial))
  const forward = makeForward(1)
  const { modes } = await gaussianField(makeKey(5), power, { n, box }, forward)
  await forward.close()
  const k = waveNumbers(n, box)
  const half = n / 2 + 1
  // band by band: mean of |delta_k|^2 V / n^6 over P(k), with its own standard error 1 / sqrt(independent modes)
  const bands = [0.03, 0.06, 0.1, 0.15, 0.2, 0.3]
  const [sums, counts] = [bands.map(() => 0), bands.map(() => 0)]
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++)
      for (let z = 1; z < n / 2; z++) {
        const size = Math.hypot(k[x], k[y], k[z])
        const band = bands.findIndex((low, i) => size >= low && size < bands[i + 1])
        if (band < 0) continue
        const at = (y * n + x) * 2 * half + z
        sums[band] += ((modes[at] ** 2 + modes[at + half] ** 2) * box ** 3) / n ** 6 / power(size)
        counts[band]++
      }
  for (let band = 0; band + 1 < bands.length; band++) {
    const ratio = sums[band] / counts[band]
    t.ok(Math.abs(ratio - 1) < 4 / Math.sqrt(counts[band]), `band ${bands[band]}: ${ratio}`)
  }
})
