import * as tf from '@tensorflow/tfjs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import t from 'tap'
import { type ArrayValue, type Key, makeKey, normal, type Tree, uniform } from '../../../core/index.js'
import { compile, exportedBytes, type OrtTensor, toArray } from '../../../engine/index.js'
import { type Flow, FlowMisfit, flowKinds, makeFlow } from '../../../generative/flow/index.js'
import { normalShare } from '../../../generative/flow/normalQuantile.js'
import { apart, awake, tensors } from './numbers.js'

await tf.setBackend('cpu')

const array = (values: Float32Array, columns: number): ArrayValue => ({
  shape: [values.length / columns, columns],
  values,
})
const small = { dim: 2, conditions: 1, layers: 3, hidden: [16], bins: 5 }
const box = { low: [-1, 2], high: [1, 5] }

async function compiledFlow(flow: Flow, params: Tree<ArrayValue>, rows: number) {
  const specs = [params as Tree<{ shape: readonly number[] }>, { shape: [rows, flow.dim] }, { shape: [rows, 1] }]
  const density = await compile((p: Tree<tf.Tensor>, x: tf.Tensor, c: tf.Tensor) => flow.logProb(p, x, c), specs, {
    threads: 1,
  })
  const draws = await compile((p: Tree<tf.Tensor>, z: tf.Tensor, c: tf.Tensor) => ({ ...flow.draw(p, z, c) }), specs, {
    threads: 1,
  })
  const condition = array(new Float32Array(rows).fill(0.7), 1)
  return {
    logProb: async (x: Float32Array) =>
      toArray((await density.run(params, array(x, flow.dim), condition)) as OrtTensor).values,
    draw: async (key: Key) => {
      const found = await draws.run(params, array(normal(key, [rows, flow.dim]), flow.dim), condition)
      const { x, logProb } = found as { x: OrtTensor; logProb: OrtTensor }
      return { x: toArray(x).values as Float32Array, logProb: toArray(logProb).values as Float32Array }
    },
    close: async () => {
      await density.release()
      await draws.release()
    },
  }
}

/**
 * Cells of the plane, or of a box: there they are even in standard normal numbers, for a density may grow without
 * bound, though integrably, towards a wall. What lies outside of all cells is counted among the draws.
 */
function cellsOf(count: number, walls: typeof box | undefined) {
  const reach = walls ? 5 : 8
  const step = (2 * reach) / count
  const placed = (z: readonly number[], k: number): number[] => {
    if (!walls) return [...z]
    return Array.from(
      normalShare(tf.tensor1d([...z])).dataSync(),
      u => walls.low[k] + (walls.high[k] - walls.low[k]) * u,
    )
  }
  const middles = Array.from({ length: count }, (_, i) => (i + 0.5) * step - reach)
  const edges = Array.from({ length: count + 1 }, (_, i) => i * step - reach)
  const weight = (z: number, k: number): number =>
    walls ? (step * (walls.high[k] - walls.low[k]) * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI) : step
  const [first, second] = [0, 1].map(k => placed(middles, k).map((x, i) => ({ x, weight: weight(middles[i], k) })))
  const cells = first.flatMap(a => second.map(b => ({ at: [a.x, b.x], weight: a.weight * b.weight })))
  return { cells, borders: [placed(edges, 0), placed(edges, 1)] }
}

for (const kind of flowKinds) {
  for (const walls of [undefined, box]) {
    t.test(
      `${kind}${walls ? ' in a box' : ''}: the density integrates to one, and draws fall where it says`,
      async t => {
        const flow = makeFlow({ ...small, kind, box: walls })
        const key = makeKey(21)
        const params = awake(flow.init(key), key.split('awake'), 0.1)
        const { cells, borders } = cellsOf(160, walls)
        const made = await compiledFlow(flow, params, cells.length)
        const densities = await made.logProb(Float32Array.from(cells.flatMap(c => c.at)))
        const mass = cells.map((c, i) => Math.exp(densities[i]) * c.weight)
        const { x, logProb } = await made.draw(key.split('noise'))
        const points = Array.from({ length: x.length / 2 }, (_, i) => [x[2 * i], x[2 * i + 1]])
        const covered =
          points.filter(p => p.every((v, k) => v > borders[k][0] && v < borders[k][160])).length / points.length
        const total = mass.reduce((a, b) => a + b, 0)
        t.ok(
          covered > 0.97 && Math.abs(total - covered) < 3e-3,
          `integrates to ${total} where ${covered} of the draws fall`,
        )

        if (walls)
          t.ok(
            x.every((v, i) => v >= walls.low[i % 2] && v <= walls.high[i % 2]),
            'draws lie inside',
          )
        // Within a thousandth of a wall float32 has too few digits left to come back by.
        const away = points.map(p =>
          p.every((v, k) => !walls || Math.abs((v - walls.low[k]) / (walls.high[k] - walls.low[k]) - 0.5) < 0.499),
        )
        const again = await made.logProb(x)
        const kept = (values: ArrayLike<number>) => Array.from(values).filter((_, i) => away[i])
        t.ok(
          apart(kept(logProb), kept(again)) < 2e-3,
          `a draw knows its own density, to ${apart(kept(logProb), kept(again))}`,
        )
        // Shares of the quarters around a corner of cells near the middle of the draws; 25,600 of them leave 0.003.
        const centre = [0, 1].map(k => {
          const median = points.map(p => p[k]).sort((a, b) => a - b)[points.length >> 1]
          return borders[k].reduce((best, v) => (Math.abs(v - median) < Math.abs(best - median) ? v : best))
        })
        for (const quarter of [0, 1, 2, 3]) {
          const holds = (p: readonly number[]): boolean => +(p[0] > centre[0]) + 2 * +(p[1] > centre[1]) === quarter
          const expected = mass.reduce((sum, m, i) => sum + (holds(cells[i].at) ? m : 0), 0)
          const share = points.filter(holds).length / points.length
          t.ok(Math.abs(share - expected) < 0.012, `quarter ${quarter}: ${share} drawn, ${expected} expected`)
        }
        await made.close()
      },
    )
  }
}

t.test('a flow begins as its prior: uniform in its box, nothing outside', async t => {
  for (const kind of flowKinds) {
    const flow = makeFlow({ ...small, kind, box })
    const params = tensors(flow.init(makeKey(1)))
    const shares = uniform(makeKey(2), [200, 2])
    const x = Array.from(shares, (u, i) => box.low[i % 2] + (box.high[i % 2] - box.low[i % 2]) * u)
    const c = tf.ones([200, 1])
    const logProb = flow.logProb(params, tf.tensor2d(x, [200, 2]), c).arraySync() as number[]
    t.ok(apart(logProb, Array<number>(200).fill(-Math.log(6))) < 1e-5, `${kind}: uniform`)
    const outside = [
      [1.01, 3],
      [0, 1.9],
      [0, 5.001],
      [-4, 9],
    ]
    const nothing = flow.logProb(params, tf.tensor2d(outside), tf.ones([4, 1])).arraySync() as number[]
    t.ok(
      nothing.every(v => v === Number.NEGATIVE_INFINITY),
      `${kind}: nothing outside`,
    )
    const rounded = tf.tensor2d([
      [1.000001, 3],
      [0, 1.999999],
    ]) // by a computation in float32
    const atWall = flow.logProb(params, rounded, tf.ones([2, 1])).arraySync() as number[]
    t.ok(apart(atWall, [-Math.log(6), -Math.log(6)]) < 1e-5, `${kind}: on the wall`)
    const extreme = tf.tensor2d([
      [-40, 40],
      [9, -9],
    ])
    const drawn = flow.draw(params, extreme, tf.ones([2, 1])).x.arraySync() as number[][]
    t.ok(
      drawn.flat().every((v, i) => v >= box.low[i % 2] && v <= box.high[i % 2]),
      `${kind}: draws stay inside`,
    )
  }
})

t.test('draws and densities are models of standard operators', async t => {
  const flow = makeFlow({ ...small, kind: 'nsf-autoregressive', box })
  const params = awake(flow.init(makeKey(1)), makeKey(2), 0.1)
  const shapes = [{ shape: [3, 2] }, { shape: [3, 1] }]
  const program = (noise: tf.Tensor, c: tf.Tensor): tf.Tensor[] => {
    const { x, logProb } = flow.draw(tensors(params), noise, c)
    return [x, logProb, flow.logProb(tensors(params), x, c)]
  }
  const session = await InferenceSession.create(await exportedBytes(program, shapes))
  const inputs = [normal(makeKey(3), [3, 2]), normal(makeKey(4), [3, 1])]
  const feeds = inputs.map(
    (values, i) => [session.inputNames[i], new Tensor('float32', values, shapes[i].shape)] as const,
  )
  const found = await session.run(Object.fromEntries(feeds))
  const expected = program(tf.tensor2d(inputs[0], [3, 2]), tf.tensor2d(inputs[1], [3, 1]))
  for (const [i, tensor] of expected.entries()) {
    const values = Array.from(found[session.outputNames[i]].data as Float32Array)
    t.ok(apart(Array.from(tensor.dataSync()), values) < 1e-4)
  }
  await session.release()
})

t.test('what makes no sense is refused', async t => {
  t.throws(() => makeFlow({ ...small, kind: 'glow' as 'maf' }), FlowMisfit)
  t.throws(() => makeFlow({ ...small, kind: 'maf', layers: 0 }), FlowMisfit)
  t.throws(() => makeFlow({ ...small, kind: 'maf', box: { low: [0, 1], high: [1, 1] } }), FlowMisfit)
  t.throws(() => makeFlow({ ...small, kind: 'realnvp', dim: 1, conditions: 0 }), FlowMisfit)
})
