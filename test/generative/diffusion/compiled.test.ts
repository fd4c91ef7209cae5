import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, makeKey, normal, type Tree, uniform } from '../../../core/index.js'
import { compile, toArray } from '../../../engine/index.js'
import {
  antitheticTimes,
  denoisingLoss,
  endsOf,
  initMonotone,
  type MonotoneParams,
  monotoneLevel,
  type Prediction,
  torusLoss,
  vdmLoss,
} from '../../../generative/diffusion/index.js'

await tf.setBackend('cpu')

const [batch, points, channels] = [3, 6, 2]
const key = makeKey(1)
const array = (shape: readonly number[], values: Float32Array): ArrayValue => ({ shape, values })
const random = (name: string, shape: readonly number[]) => array(shape, normal(key.split(name), shape))

/** One layer over point, condition and level: enough to have gradients everywhere. */
const weights = { point: random('point', [channels, channels]), condition: random('condition', [2, channels]) }
const shape = [batch, points, channels]
const inputs = {
  x: random('x', shape),
  noise: random('noise', shape),
  times: array([batch], antitheticTimes(key.split('t'), batch)),
  theta: random('theta', [batch, 2]),
  mask: array(
    [batch, points],
    uniform(key.split('mask'), batch * points).map(u => (u < 0.7 ? 1 : 0)),
  ),
}
const params = { weights, schedule: initMonotone(key.split('schedule'), { most: 6, least: -6 }, 8) }

type Tensors<T> = T extends ArrayValue ? tf.Tensor : { readonly [name in keyof T]: Tensors<T[name]> }
type Params = { weights: Tensors<typeof weights>; schedule: MonotoneParams<tf.Tensor> }

const losses: Record<string, (params: Params, given: Tensors<typeof inputs>) => tf.Tensor> = {}
for (const kind of ['eps', 'x', 'v'] satisfies Prediction[]) {
  losses[`bound, ${kind}`] = ({ weights, schedule }, { x, noise, times, theta, mask }) => {
    const level = monotoneLevel(schedule, times)
    return vdmLoss(network(weights, theta), { x, noise, mask, level, ends: endsOf(schedule) }, kind).loss
  }
  losses[`square error, ${kind}`] = ({ weights, schedule }, { x, noise, times, theta, mask }) => {
    const { logSnr } = monotoneLevel(schedule, times)
    return denoisingLoss(network(weights, theta), { x, noise, mask, logSnr }, kind, 'v').loss
  }
}
losses.torus = ({ weights, schedule }, { x, noise, times, theta, mask }) => {
  const level = monotoneLevel(schedule, times)
  return torusLoss(network(weights, theta), { lifted: x, target: noise, mask, ...level }).loss
}

function network(weights: Params['weights'], theta: tf.Tensor) {
  return (z: tf.Tensor, logSnr: tf.Tensor): tf.Tensor => {
    const shift = tf.expandDims(tf.matMul(theta as tf.Tensor2D, weights.condition as tf.Tensor2D), 1)
    const mixed = tf.reshape(tf.matMul(tf.reshape(z, [-1, channels]), weights.point as tf.Tensor2D), shape)
    return tf.add(tf.tanh(tf.add(mixed, shift)), tf.mul(0.1, tf.reshape(logSnr, [-1, 1, 1])))
  }
}

for (const [name, loss] of Object.entries(losses)) {
  t.test(`${name}: compiled equals eager, loss and gradients`, async t => {
    const names = Object.keys(params.schedule) as (keyof typeof params.schedule)[]
    const program = (at: Params, given: Tensors<typeof inputs>): tf.Tensor[] => {
      const flat = [at.weights.point, at.weights.condition, ...names.map(n => at.schedule[n])]
      const { value, grads } = tf.valueAndGrads((...leaves: tf.Tensor[]) => {
        const [point, condition, ...rest] = leaves
        const schedule = Object.fromEntries(names.map((n, i) => [n, rest[i]])) as MonotoneParams<tf.Tensor>
        return tf.sum(loss({ weights: { point, condition }, schedule }, given)) as tf.Scalar
      })(flat)
      return [value, ...grads]
    }
    const compiled = await compile(program, [params, inputs], { threads: 1 })
    const found = ((await compiled.run(params, inputs)) as unknown as Parameters<typeof toArray>[0][]).map(toArray)
    await compiled.release()
    const expected = tf.tidy(() =>
      program(tensors(params) as unknown as Params, tensors(inputs) as unknown as Tensors<typeof inputs>),
    )
    for (const [i, tensor] of expected.entries()) {
      const values = tensor.dataSync()
      const scale = Math.max(1e-6, ...Array.from(values, Math.abs))
      const worst = Math.max(...Array.from(values, (v, j) => Math.abs(v - found[i].values[j])))
      t.ok(worst <= 2e-5 * scale, `${['loss', 'point', 'condition', ...names][i]}: ${worst} of ${scale}`)
    }
  })
}

function tensors(tree: Tree<ArrayValue>): Tree<tf.Tensor> {
  if ('values' in tree && 'shape' in tree) return tf.tensor(tree.values as Float32Array, [...(tree.shape as number[])])
  return Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, tensors(child as Tree<ArrayValue>)]))
}
