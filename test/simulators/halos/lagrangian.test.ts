import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, makeKey, normal } from '../../../core/index.js'
import { compile, type OrtTensor, runEager, toArray } from '../../../engine/index.js'
import { forwardMatrices, forwardTransform } from '../../../simulators/halos/fourier.js'
import {
  displacements,
  type LagrangianInputs,
  lagrangianFactors,
  lagrangianInputs,
  secondOrderSource,
  thirdOrderSource,
} from '../../../simulators/halos/lagrangian.js'

const modesOf = (n: number, values: Float32Array): ArrayValue => {
  const { across, along } = forwardMatrices(n)
  return runEager(forwardTransform, { shape: [n, n, n], values }, across, along) as ArrayValue
}
const displaced = (n: number, box: number, density: Float32Array): Float32Array[] => {
  const inputs = lagrangianInputs(n, box, modesOf(n, density))
  const out = runEager(displacements as never, { ...inputs } as never) as readonly ArrayValue[]
  return out.map(part => part.values as Float32Array)
}
type Wave = readonly [number, number, number]
const dot = (a: Wave, b: Wave) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

t.test('a pair of plane waves: first and second order in closed form', async t => {
  const [n, box, a, b] = [16, 50, 0.7, 0.4]
  const unit = (2 * Math.PI) / box
  const one: Wave = [2 * unit, 0, unit]
  const two: Wave = [-unit, 3 * unit, unit]
  const at = (i: number): Wave => {
    const cell = box / n
    return [Math.floor(i / (n * n)) * cell, (Math.floor(i / n) % n) * cell, (i % n) * cell]
  }
  const density = Float32Array.from(
    { length: n ** 3 },
    (_, i) => a * Math.cos(dot(one, at(i))) + b * Math.cos(dot(two, at(i))),
  )
  const [first, second] = displaced(n, box, density)
  const sum: Wave = [one[0] + two[0], one[1] + two[1], one[2] + two[2]]
  const difference: Wave = [one[0] - two[0], one[1] - two[1], one[2] - two[2]]
  // the kernel of second order: 1 - (k1 k2)^2 / (k1^2 k2^2), half of it in each of k1 + k2 and k1 - k2
  const kernel = 1 - dot(one, two) ** 2 / (dot(one, one) * dot(two, two))
  const alongWave = (k: Wave, amplitude: number, i: number, axis: number) =>
    ((-amplitude * k[axis]) / dot(k, k)) * Math.sin(dot(k, at(i)))
  let [worstFirst, worstSecond] = [0, 0]
  for (let i = 0; i < n ** 3; i++)
    for (let axis = 0; axis < 3; axis++) {
      const zeldovich = alongWave(one, a, i, axis) + alongWave(two, b, i, axis)
      const half = (a * b * kernel) / 2
      const beyond = alongWave(sum, half, i, axis) + alongWave(difference, half, i, axis)
      worstFirst = Math.max(worstFirst, Math.abs(first[3 * i + axis] - zeldovich))
      worstSecond = Math.max(worstSecond, Math.abs(second[3 * i + axis] - beyond))
    }
  t.ok(worstFirst < 1e-5, `first order off by ${worstFirst} Mpc/h`)
  t.ok(worstSecond < 1e-5, `second order off by ${worstSecond} Mpc/h`)
})

t.test('a plane wave alone has no second and third order', async t => {
  const [n, box] = [16, 50]
  const density = Float32Array.from({ length: n ** 3 }, (_, i) => Math.cos((2 * Math.PI * 2 * (i % n)) / n))
  const [first, second, third] = displaced(n, box, density)
  t.ok(Math.max(...first.map(Math.abs)) > 1)
  t.ok(Math.max(...second.map(Math.abs), ...third.map(Math.abs)) < 1e-5)
})

t.test('a sphere: the orders are those of spherical collapse', async t => {
  const delta = 0.9
  const diagonal = (value: number) => [value, value, value, 0, 0, 0].map(x => tf.scalar(x))
  const source = tf.tidy(() => secondOrderSource(diagonal(delta / 3)).dataSync()[0])
  t.ok(Math.abs((3 / 7) * (source / 3) - delta ** 2 / 21) < 1e-6)
  const third = tf.tidy(() => thirdOrderSource(diagonal(delta / 3), diagonal(source / 3)).dataSync()[0])
  t.ok(Math.abs(third / 3 - (23 / 1701) * delta ** 3) < 1e-6)
})

t.test('factors of an Einstein-de Sitter universe', async t => {
  const { displacement, velocity } = lagrangianFactors({ omegaM: 1 })
  t.ok(displacement.every((value, i) => Math.abs(value - [1, 3 / 7, 1][i]) < 1e-9))
  t.ok(
    velocity.every((value, i) => Math.abs(value - 100 * (i + 1)) < 1e-3),
    'rates 1, 2 and 3',
  )
})

t.test('gradients of the compiled displacements are those of finite differences', async t => {
  const [n, box] = [8, 40]
  const inputs = lagrangianInputs(
    n,
    box,
    modesOf(
      n,
      normal(makeKey(3), n ** 3).map(x => 0.3 * x),
    ),
  )
  const weights = { shape: [3, n, n, n, 3], values: normal(makeKey(4), 9 * n ** 3) }
  type Inputs = LagrangianInputs<tf.Tensor>
  /**
   * A sum over all displacements with random weights, of the modes times an amplitude plus a step in another direction.
   */
  const loss = (inputs: Inputs, weights: tf.Tensor, amplitude: tf.Tensor, step: tf.Tensor, direction: tf.Tensor) => {
    const modes = inputs.modes.mul(amplitude).add(direction.mul(step))
    return tf
      .stack(displacements({ ...inputs, modes }))
      .mul(weights)
      .sum()
  }
  const program = (inputs: Inputs, weights: tf.Tensor, amplitude: tf.Tensor, step: tf.Tensor, direction: tf.Tensor) => {
    const of = (amplitude: tf.Tensor, step: tf.Tensor) => loss(inputs, weights, amplitude, step, direction) as tf.Scalar
    const { value, grads } = tf.valueAndGrads(of as (...args: tf.Tensor[]) => tf.Scalar)([amplitude, step])
    return [value, ...grads]
  }
  const scalar = (value: number): ArrayValue => ({ shape: [], values: Float32Array.of(value) })
  const direction = modesOf(
    n,
    normal(makeKey(5), n ** 3).map(x => 0.3 * x),
  )
  const shapes = (tree: unknown): never =>
    (tree !== null && typeof tree === 'object' && ArrayBuffer.isView((tree as ArrayValue).values)
      ? { shape: (tree as ArrayValue).shape }
      : Array.isArray(tree)
        ? tree.map(shapes)
        : Object.fromEntries(Object.entries(tree as object).map(([name, child]) => [name, shapes(child)]))) as never
  const given = [{ ...inputs }, weights, scalar(1), scalar(0), direction] as const
  const compiled = await compile(program as never, given.map(shapes), { threads: 1 })
  const at = async (amplitude: number, step: number) => {
    const out = await compiled.run(...([given[0], weights, scalar(amplitude), scalar(step), direction] as never[]))
    return (out as readonly OrtTensor[]).map(tensor => (toArray(tensor).values as Float32Array)[0])
  }
  const [, byAmplitude, byStep] = await at(1, 0)
  const h = 0.05
  // the loss is a cubic of each: central differences err by h^2 times the third derivative, so Richardson's step is
  // exact
  const slope = async (of: (x: number) => Promise<number[]>) => {
    const difference = async (h: number) => ((await of(h))[0] - (await of(-h))[0]) / (2 * h)
    return (4 * (await difference(h / 2)) - (await difference(h))) / 3
  }
  const numeric = [await slope(x => at(1 + x, 0)), await slope(x => at(1, x))]
  await compiled.release()
  t.ok(Math.abs(byAmplitude / numeric[0] - 1) < 2e-3, `by amplitude ${byAmplitude}, differences ${numeric[0]}`)
  t.ok(Math.abs(byStep / numeric[1] - 1) < 2e-3, `by a change of the modes ${byStep}, differences ${numeric[1]}`)
})
