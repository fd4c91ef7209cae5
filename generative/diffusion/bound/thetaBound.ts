import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type State, type Tree, UsageError } from '../../../core/index.js'
import { type Device, makeEvaluator, mapTree, toOrtTree } from '../../../engine/index.js'
import { type Bound, boundOf } from './elbo.js'
import { type BoundPlan, type NoisedDraw, noisedDraw, sizesOf } from './noisedDraws.js'

/**
 * D(x; sigma, theta) as a pure tfjs program over rows, each with its own level and theta.
 *
 * @param x     `[rows, points, channels]`, lifted
 * @param sigma `[rows]`
 * @param theta `[rows, parameters]`
 * @param given what else of each noised state the network reads (neighbours, a pair force), each leaf `[rows, ...]`;
 *   none of it depends on theta
 */
export type ThetaDenoiser = (
  params: Tree<Tensor>,
  x: Tensor,
  sigma: Tensor,
  theta: Tensor,
  given: Tree<Tensor>,
) => Tensor

export interface ThetaBoundOptions {
  /** how many numbers theta has */
  readonly parameters: number
  readonly plan: BoundPlan
  readonly threads?: number
  readonly device?: Device
  /** thetas a call of the compiled program; others are padded to it; default 4 */
  readonly thetas?: number
  /** draws of the plan a call; must divide 2 strata * sweeps; default all that keep rows * entries below 2^20 */
  readonly draws?: number
  /** other inputs of the network for a noised batch, leaves `[batch, ...]`: made once a draw, for all theta */
  readonly given?: (noised: State, sigma: number) => Record<string, ArrayValue>
}

/**
 * log p(x | theta) by its bound, for the clouds given together, as a function of theta. The noise is fixed: a smooth
 * function, the same at every call.
 */
export interface ThetaBound {
  readonly parameters: number
  /**
   * One bound a row of theta `[rows, parameters]`, each of one value: all clouds are independent given theta, and their
   * bounds added.
   */
  bounds(theta: Float64Array): Promise<Bound[]>
  /** Values `[rows]` nats, and their gradient with respect to theta `[rows, parameters]` through the compiled graph. */
  withGradient(theta: Float64Array): Promise<{ value: Float64Array; gradient: Float64Array }>
  release(): Promise<void>
}

/**
 * Compiles square errors of the plan's draws and their gradient in theta, many thetas at once.
 *
 * @param params of the network, as in its training
 * @param x      `[batch, points, channels]`
 */
export async function compileThetaBound(
  denoiser: ThetaDenoiser,
  params: Tree<ArrayValue>,
  x: State,
  options: ThetaBoundOptions,
): Promise<ThetaBound> {
  const { parameters, plan } = options
  const [batch, points, channels] = x.shape
  const { strata, sweeps, draws } = sizesOf(plan)
  const thetas = options.thetas ?? 4
  const perCall = options.draws ?? callSize(draws, thetas * x.values.length)
  if (!(Number.isInteger(perCall) && perCall >= 1 && draws % perCall === 0)) {
    throw new UsageError(
      `expected a divisor of ${draws} draws a call`,
      `got ${perCall}`,
      'change draws, strata or sweeps',
    )
  }
  const rows = perCall * batch
  const calls = Array.from({ length: draws / perCall }, (_, call) =>
    callInputs(
      Array.from({ length: perCall }, (_, i) => noisedDraw(plan, x, call * perCall + i)),
      options.given,
    ),
  )
  const { threads, device } = options
  const errors = (p: Tree<Tensor>, call: CallTensors, theta: Tensor) => squareErrors(denoiser, p, call, theta)
  const plain = makeEvaluator(
    (p: Tree<Tensor>, call: CallTensors, theta: Tensor) => ({ errors: errors(p, call, theta) }),
    { threads, device, name: 'bound' },
  )
  const graded = makeEvaluator(
    (p: Tree<Tensor>, call: CallTensors, theta: Tensor) => {
      let kept: Tensor = theta
      const gradient = tf.grad((at: Tensor) => {
        kept = tf.keep(errors(p, call, at))
        return tf.sum(tf.mul(kept, call.weight))
      })(theta)
      return { errors: kept, gradient }
    },
    { threads, device, name: 'bound and gradient' },
  )
  const held = toOrtTree(params)
  type Swept = { readonly errors: ArrayValue; readonly gradient?: ArrayValue }

  /** Runs all draws at up to `thetas` rows of theta from `first`; parts `[row][sweeps, strata]`. */
  async function sweep(program: typeof plain | typeof graded, theta: Float64Array, first: number) {
    const count = Math.min(thetas, theta.length / parameters - first)
    const padded = Float32Array.from({ length: thetas * parameters }, (_, i) => {
      const row = first + Math.min(count - 1, Math.floor(i / parameters))
      return theta[row * parameters + (i % parameters)]
    })
    const parts = Array.from({ length: count }, () => new Float64Array(sweeps * strata))
    const gradient = new Float64Array(count * parameters)
    for (const { inputs, drawn } of calls) {
      const out: Swept = await program.run(held, inputs, { shape: [thetas, parameters], values: padded })
      const found = out.errors.values
      for (let row = 0; row < count; row++)
        for (let i = 0; i < rows; i++) {
          const draw = drawn[Math.floor(i / batch)]
          parts[row][draw.sweep * strata + draw.stratum] -=
            draw.weight * (found[row * rows + i] - draw.reference[i % batch])
        }
      const slopes = out.gradient?.values
      // the program's gradient is that of one sum over sweeps; the bound is their mean, with the opposite sign
      if (slopes) for (let i = 0; i < gradient.length; i++) gradient[i] -= slopes[i] / sweeps
    }
    return { parts, gradient }
  }
  const constants = constantsOf(x, plan)
  const oneValue: State = { shape: [1, batch * points, channels], values: x.values }

  return {
    parameters,
    async bounds(theta) {
      const found: Bound[] = []
      for (let first = 0; first < theta.length / parameters; first += thetas) {
        const { parts } = await sweep(plain, theta, first)
        found.push(...parts.map(part => boundOf(part, oneValue, plan)))
      }
      return found
    },
    async withGradient(theta) {
      const value = new Float64Array(theta.length / parameters)
      const gradient = new Float64Array(theta.length)
      for (let first = 0; first < value.length; first += thetas) {
        const swept = await sweep(graded, theta, first)
        gradient.set(swept.gradient, first * parameters)
        swept.parts.forEach((part, row) => {
          value[first + row] = constants + part.reduce((sum, v) => sum + v, 0) / sweeps
        })
      }
      return { value, gradient }
    },
    async release() {
      await plain.close()
      await graded.close()
    },
  }
}

interface CallTensors {
  readonly x: Tensor
  readonly target: Tensor
  readonly sigma: Tensor
  readonly weight: Tensor
  readonly given: Tree<Tensor>
}

/** `[thetas, rows]`: every theta at every noised state. */
function squareErrors(denoiser: ThetaDenoiser, params: Tree<Tensor>, call: CallTensors, theta: Tensor): Tensor {
  const [thetas, parameters] = theta.shape
  const [rows] = call.x.shape
  const again = (tensor: Tensor) =>
    tf.reshape(tf.tile(tf.expandDims(tensor, 0), [thetas, ...tensor.shape.map(() => 1)]), [
      thetas * rows,
      ...tensor.shape.slice(1),
    ])
  const each = tf.reshape(tf.tile(tf.expandDims(theta, 1), [1, rows, 1]), [thetas * rows, parameters])
  const [x, sigma] = [again(call.x), again(call.sigma)]
  const isTensor = (tree: unknown): tree is Tensor => tree instanceof tf.Tensor
  const clean = denoiser(params, x, sigma, each, mapTree(call.given, isTensor, again))
  const predicted = tf.div(tf.sub(x, clean), tf.reshape(sigma, [-1, 1, 1]))
  return tf.reshape(tf.sum(tf.square(tf.sub(again(call.target), predicted)), [1, 2]), [thetas, rows])
}

/** The draws of one call side by side. */
function callInputs(drawn: readonly NoisedDraw[], given: ThetaBoundOptions['given']) {
  const { shape } = drawn[0].noised
  const [batch] = shape
  const states = [drawn.length * batch, shape[1], shape[2]]
  const perRow = (of: (draw: NoisedDraw) => number): ArrayValue => ({
    shape: [states[0]],
    values: Float32Array.from({ length: states[0] }, (_, i) => of(drawn[Math.floor(i / batch)])),
  })
  const others = given ? drawn.map(draw => given(draw.noised, draw.sigma)) : []
  const joined = Object.fromEntries(
    Object.keys(others[0] ?? {}).map(name => [name, join(others.map(other => other[name]))]),
  )
  const inputs = {
    x: join(drawn.map(draw => draw.noised)),
    target: join(drawn.map(draw => ({ shape, values: draw.target }))),
    sigma: perRow(draw => draw.sigma),
    weight: perRow(draw => draw.weight),
    given: joined,
  }
  return {
    inputs,
    drawn: drawn.map(({ sweep, stratum, weight, reference }) => ({ sweep, stratum, weight, reference })),
  }
}

function join(parts: readonly ArrayValue[]): ArrayValue {
  const size = parts[0].values.length
  const values =
    parts[0].values instanceof Int32Array ? new Int32Array(size * parts.length) : new Float32Array(size * parts.length)
  parts.forEach((part, i) => {
    values.set(part.values, i * size)
  })
  return { shape: [parts.length * parts[0].shape[0], ...parts[0].shape.slice(1)], values }
}

/** All of the bound but the differences from the reference, summed over clouds. */
function constantsOf(x: State, plan: BoundPlan): number {
  const { strata, sweeps } = sizesOf(plan)
  return boundOf(new Float64Array(strata * sweeps * x.shape[0]), x, plan).value.reduce((sum, v) => sum + v, 0)
}

/** The most draws a call that divide all of them and keep a call small. */
function callSize(draws: number, entries: number): number {
  let size = draws
  while (size > 1 && (draws % size > 0 || size * entries > 2 ** 20)) size--
  return size
}
