import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, makeKey, normal, type Tree } from '../../../core/index.js'
import { compile, isArrayValue, mapTree, type OrtTensor } from '../../../engine/index.js'
import { makeFlow } from '../../../generative/flow/index.js'
import { conditionalDensity } from '../../../generative/sbi/index.js'

const key = makeKey(71)
const [batch, dim, outputs, length] = [6, 2, 3, 5]

/** Observations `[batch, 5]` summarised by a matrix of parameters. */
const summary = {
  outputs,
  init: (own: ReturnType<typeof makeKey>): Tree<ArrayValue> => ({
    matrix: { shape: [length, outputs], values: normal(own, length * outputs).map(x => 0.4 * x) },
  }),
  apply: (params: Tree<Tensor>, observation: Tensor) =>
    tf.matMul(observation, (params as { matrix: Tensor }).matrix).tanh(),
}
const flow = makeFlow({ kind: 'maf', dim, conditions: outputs, layers: 2, hidden: [8, 8] })
const network = conditionalDensity({ dim, summary, flow: 'maf', layers: 2, hidden: [8, 8] })

/** Parameters moved at random: flows begin as the identity, which would hide the condition. */
function jolted(): Tree<ArrayValue> {
  let count = 0
  return mapTree(network.init(key), isArrayValue, ({ shape, values }) => {
    const noise = normal(key.split('jolt').split(count++), values.length)
    return { shape, values: Float32Array.from(values, (x, i) => x + 0.3 * noise[i]) }
  }) as Tree<ArrayValue>
}

const params = jolted()
const specs = mapTree(params, isArrayValue, ({ shape }) => ({ shape }))
const rows = (name: string, n: number, width: number) => ({
  shape: [n, width],
  values: normal(key.split(name), n * width),
})

const program = await compile(
  (p: Tree<Tensor>, x: Tensor, theta: Tensor, noise: Tensor) => {
    const condition = network.read(p, x)
    const { x: drawn, logProb } = network.draw(p, noise, condition)
    return {
      condition,
      whole: network.logProb(p, theta, condition),
      alone: flow.logProb((p as { flow: Tree<Tensor> }).flow, theta, condition),
      drawn,
      logProb,
      again: network.logProb(p, drawn, condition),
    }
  },
  [specs, { shape: [batch, length] }, { shape: [batch, dim] }, { shape: [batch, dim] }],
)
t.teardown(() => program.release())

async function answers(x: ArrayValue) {
  const found = (await program.run(params, x, rows('theta', batch, dim), rows('noise', batch, dim))) as Record<
    string,
    OrtTensor
  >
  return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, Array.from(data as Float32Array)]))
}

const close = (a: number[], b: number[]) => a.length === b.length && a.every((x, i) => Math.abs(x - b[i]) < 1e-4)

t.test('log q(theta | x) is the flow’s density under the summary of x, however it is asked', async t => {
  const { whole, alone, logProb, again, condition } = await answers(rows('x', batch, length))
  t.equal(condition.length, batch * outputs)
  t.same(alone, whole)
  t.ok(close(again, logProb), 'a draw comes with its own density')
})

t.test('what is observed changes the density of its own row alone', async t => {
  const x = rows('x', batch, length)
  const other = { shape: x.shape, values: x.values.map((value, i) => (i < length ? -value : value)) }
  const [before, after] = [await answers(x), await answers(other)]
  t.ok(Math.abs(before.whole[0] - after.whole[0]) > 1e-3)
  t.ok(close(before.whole.slice(1), after.whole.slice(1)))
  t.notOk(close(before.drawn.slice(0, dim), after.drawn.slice(0, dim)))
  t.ok(close(before.drawn.slice(dim), after.drawn.slice(dim)))
})

t.test('a key begins both parts, each by its own; another key another network', async t => {
  const made = (own: ReturnType<typeof makeKey>) => network.init(own) as Readonly<Record<string, Tree<ArrayValue>>>
  t.same(made(key), made(key))
  t.same(Object.keys(made(key)), ['summary', 'flow'])
  t.notSame(made(key).summary, made(makeKey(72)).summary)
})
