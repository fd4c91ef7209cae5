import t from 'tap'
import { makeKey, periodicBox, uniform } from '../../core/index.js'
import { densityModes, overFields, type ThreePoint, threePoint, triangleShells } from '../../statistics/index.js'
import { clusteredPoints, poissonPoints, translated } from './clouds.js'

const box = periodicBox(1000)
const shells = triangleShells(box)
const cut = (of: ThreePoint, shape: 'equilateral' | 'squeezed') =>
  shape === 'equilateral' ? of.equilateral.value : of.squeezed

t.test('modes are those of the direct sum', async t => {
  const positions = poissonPoints(makeKey(1), 40, 1000)
  const { n, k, real, imaginary } = densityModes(positions, box, shells.edges[1])
  // a sphere of six fundamental modes, less n = 0, one of each pair: counted by brute force
  let inside = 0
  for (let x = -6; x <= 6; x++)
    for (let y = -6; y <= 6; y++) for (let z = -6; z <= 6; z++) inside += Number(x * x + y * y + z * z < 36)
  t.equal(k.length, (inside - 1) / 2)
  for (let mode = 0; mode < k.length; mode += 7) {
    let [re, im] = [0, 0]
    for (let i = 0; i < 40; i++) {
      const phase = [0, 1, 2].reduce(
        (sum, axis) => sum + (2 * Math.PI * n[3 * mode + axis] * positions[3 * i + axis]) / 1000,
        0,
      )
      re += (1e9 / 40) * Math.cos(phase)
      im -= (1e9 / 40) * Math.sin(phase)
    }
    t.ok(Math.abs(re - real[mode]) < 1e-3 && Math.abs(im - imaginary[mode]) < 1e-3, `mode ${mode}`)
  }
})

t.test('triangles and their sums are those of brute force', async t => {
  // all pairs of modes of the first shell, the third side looked up
  const positions = clusteredPoints(makeKey(2), 20, 5, 100, 1000)
  const { n, k, real, imaginary } = densityModes(positions, box, shells.edges[1])
  const modes = new Map<string, readonly [number, number]>()
  for (let mode = 0; mode < k.length; mode++) {
    if (k[mode] < shells.edges[0] * (1 - 1e-12)) continue
    const [x, y, z] = [n[3 * mode], n[3 * mode + 1], n[3 * mode + 2]]
    modes.set(`${x},${y},${z}`, [real[mode], imaginary[mode]])
    modes.set(`${-x},${-y},${-z}`, [real[mode], -imaginary[mode]])
  }
  t.equal(modes.size, shells.modes[0])
  let triangles = 0
  let sum = 0
  let power = 0
  const all = [...modes].map(([name, value]) => ({ at: name.split(',').map(Number), value }))
  for (const a of all) {
    power += a.value[0] ** 2 + a.value[1] ** 2
    for (const b of all) {
      const c = modes.get(a.at.map((x, axis) => String(0 - x - b.at[axis])).join(','))
      if (c === undefined) continue
      triangles++
      const re = a.value[0] * b.value[0] - a.value[1] * b.value[1]
      const im = a.value[0] * b.value[1] + a.value[1] * b.value[0]
      sum += re * c[0] - im * c[1]
    }
  }
  t.equal(triangles, shells.equilateral[0])
  const noise = 1e9 / 100
  const p = power / all.length / 1e9 - noise
  const measured = threePoint(positions, box, shells)
  t.ok(Math.abs(measured.power.value[0] / p - 1) < 1e-9)
  const b = sum / triangles / 1e9 - 3 * p * noise - noise ** 2
  t.ok(Math.abs(measured.equilateral.value[0] / b - 1) < 1e-9, `${measured.equilateral.value[0]}, brute force ${b}`)
})

t.test('of m points at one place it is V^2 (1 - 1/m) (1 - 2/m), of one or two none', async t => {
  for (const m of [1, 2, 7]) {
    const { power, equilateral, squeezed } = threePoint(
      Float32Array.from({ length: 3 * m }, (_, at) => [123, 456, 789][at % 3]),
      box,
      shells,
    )
    for (const p of power.value) t.ok(Math.abs(p / 1e9 - (1 - 1 / m)) < 1e-9)
    for (const b of [...equilateral.value, ...squeezed]) t.ok(Math.abs(b / 1e18 - (1 - 1 / m) * (1 - 2 / m)) < 1e-9)
  }
})

t.test(
  'a Poisson field has none; clumps of m points at n places P = (m - 1) / (m n), B = (m - 1) (m - 2) / (m n)^2',
  async t => {
    const rounds = 5
    const meanOver = (fields: readonly ThreePoint[], of: (field: ThreePoint) => Float64Array) =>
      overFields(fields.map(of)).mean
    const poisson = Array.from({ length: rounds }, (_, i) =>
      threePoint(poissonPoints(makeKey(10 + i), 2000, 1000), box, shells),
    )
    // five fields of 2000 points: a standard error below .2 / n^2 in the higher shells
    for (const b of meanOver(poisson, field => field.equilateral.value).slice(2))
      t.ok(Math.abs(b) / (1e9 / 2000) ** 2 < 0.6, `${b / (1e9 / 2000) ** 2} of 1 / n^2`)
    const m = 5
    const clumps = Array.from({ length: rounds }, (_, i) => {
      const places = poissonPoints(makeKey(20 + i), 300, 1000)
      const points = Float32Array.from(
        { length: 3 * 300 * m },
        (_, at) => places[3 * Math.floor(at / (3 * m)) + (at % 3)],
      )
      return threePoint(points, box, shells)
    })
    const places = 300 / 1e9
    for (const p of meanOver(clumps, field => field.power.value).slice(1))
      t.ok(Math.abs((p * places * m) / (m - 1) - 1) < 0.1, `P ${p * places}`)
    const expected = ((m - 1) * (m - 2)) / (m * places) ** 2
    for (const shape of ['equilateral', 'squeezed'] as const)
      for (const b of meanOver(clumps, field => cut(field, shape)).slice(2))
        t.ok(Math.abs(b / expected - 1) < 0.5, `${shape} ${b / expected}`)
  },
)

t.test('of Poisson fields the scatter is what the error says', async t => {
  const few = triangleShells(box, 3)
  const fields = Array.from({ length: 20 }, (_, i) => threePoint(poissonPoints(makeKey(50 + i), 1000, 1000), box, few))
  for (const name of ['power', 'equilateral'] as const) {
    const { scatter } = overFields(fields.map(field => field[name].value))
    const { mean } = overFields(fields.map(field => field[name].error))
    // 20 fields know their scatter to 16%, and a cube of Gaussians has longer tails
    for (const [shell, error] of mean.entries())
      t.ok(Math.abs(Math.log(error / scatter[shell])) < Math.log(1.7), `${name} ${error / scatter[shell]}`)
    const all = mean.reduce((sum, error, shell) => sum + Math.log(error / scatter[shell]), 0) / mean.length
    t.ok(Math.abs(all) < 0.25, `${name}, all shells: ${Math.exp(all)}`)
  }
})

t.test(
  'it does not care where the box begins, nor which axis is called which; a long box keeps its scales',
  async t => {
    const key = makeKey(3)
    const positions = clusteredPoints(key, 60, 6, 60, 1000).map(x => Math.floor(x * 64) / 64)
    const base = threePoint(positions, box, shells)
    const moved = threePoint(translated(positions, 1000, key), box, shells)
    const turned = threePoint(
      positions.map((_, at) => positions[3 * Math.floor(at / 3) + ((at + 1) % 3)]),
      box,
      shells,
    )
    const scale = (1e9 / 360) ** 2
    for (const shape of ['equilateral', 'squeezed'] as const)
      for (const [bin, b] of cut(base, shape).entries())
        for (const other of [moved, turned]) t.ok(Math.abs(cut(other, shape)[bin] - b) < 1e-6 * scale)
    const long = triangleShells([500, 1000, 500])
    t.same(long.edges, shells.edges, 'the longest axis sets the shells')
    t.ok(long.modes.every((count, shell) => Math.abs(count / shells.modes[shell] - 1 / 4) < 0.1))
    t.doesNotThrow(() =>
      threePoint(
        uniform(key, 300).map(u => 500 * u),
        [500, 1000, 500],
        long,
      ),
    )
  },
)
