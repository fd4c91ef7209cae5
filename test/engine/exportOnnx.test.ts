import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as tf from '@tensorflow/tfjs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import t from 'tap'
import { DataError, makeKey, normal, type Tree } from '../../core/index.js'
import {
  emit,
  exportedBytes,
  exportOnnx,
  loadTree,
  microsoft,
  NotPortable,
  runEager,
  saveTree,
  tensorsFrom,
} from '../../engine/index.js'
import { dictionary } from './kernels/dictionary.js'

const folder = mkdtempSync(join(tmpdir(), 'stipple-export-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const params = {
  layers: [
    { weight: { shape: [3, 4], values: normal(makeKey(1), 12) }, bias: { shape: [4], values: normal(makeKey(2), 4) } },
    { weight: { shape: [4, 2], values: normal(makeKey(3), 8) }, bias: { shape: [2], values: normal(makeKey(4), 2) } },
  ],
}
type Layers = { layers: { weight: tf.Tensor; bias: tf.Tensor }[] }
const network = ({ positions }: { positions: tf.Tensor }): { score: tf.Tensor; size: tf.Tensor } => {
  const { layers } = tensorsFrom(params) as unknown as Layers
  const score = layers.reduce((x, { weight, bias }) => x.matMul(weight).add(bias).tanh(), positions)
  return { score, size: score.square().sum(-1) }
}
const specs = [{ positions: { shape: [5, 3] } }]
const positions = normal(makeKey(5), [5, 3])

t.test('the file has the names of the tree and gives what the program gives', async t => {
  const path = join(folder, 'network.onnx')
  await exportOnnx(network, specs, path, { metadata: { unit: 'Mpc/h' } })
  const bytes = readFileSync(path)
  t.notOk(bytes.includes('com.microsoft'))
  t.ok(bytes.includes('Mpc/h'))
  const session = await InferenceSession.create(bytes)
  t.same(session.inputNames, ['positions'])
  t.same(session.outputNames, ['score', 'size'])
  const got = await session.run({ positions: new Tensor('float32', positions, [5, 3]) })
  const want = runEager(network, { positions: { shape: [5, 3], values: positions } }) as Record<
    string,
    { values: Float32Array }
  >
  for (const [name, tensor] of Object.entries(got)) {
    t.ok(
      (tensor.data as Float32Array).every((x, i) => Math.abs(x - want[name].values[i]) < 1e-5),
      name,
    )
  }
  t.same(readdirSync(folder), ['network.onnx'], 'nothing half-written beside it')
})

t.test('names may be given, and must be enough and different', async t => {
  const named = (inputs: string[], outputs: string[]): Promise<Uint8Array> =>
    exportedBytes(network, specs, { names: { inputs, outputs } })
  const session = await InferenceSession.create(await named(['x'], ['a', 'b']))
  t.same([session.inputNames, session.outputNames], [['x'], ['a', 'b']])
  await t.rejects(named(['x'], ['a']), /2 names of outputs/)
  await t.rejects(named(['x'], ['a', 'x']), /different names/)
})

t.test('an operator that only onnxruntime has is not exported', async t => {
  const program = (x: tf.Tensor): tf.Tensor => emit(microsoft('BiasSplitGelu'), [x, x], [{ shape: [4] }])[0]
  await t.rejects(exportedBytes(program, [{ shape: [4] }]), NotPortable)
})

t.test('fused operators become standard ones with equal values', async t => {
  const program = (x: tf.Tensor): tf.Tensor[] => [
    ...emit(microsoft('QuickGelu'), [x], [{ shape: [8] }], { alpha: { float: 1 } }),
    ...emit(microsoft('QuickGelu'), [x], [{ shape: [8] }]),
    ...emit(microsoft('Gelu'), [x], [{ shape: [8] }]),
    ...emit(microsoft('BiasGelu'), [x, x], [{ shape: [8] }]),
  ]
  const { buildModel } = await import('../../engine/model.js')
  const feed = { in0: new Tensor('float32', normal(makeKey(9), 8), [8]) }
  const [fused, plain] = await Promise.all(
    [false, true].map(async portable => {
      const session = await InferenceSession.create((await buildModel(program, [{ shape: [8] }], { portable })).bytes)
      return Object.values(await session.run(feed)).map(y => y.data as Float32Array)
    }),
  )
  for (const [i, values] of fused.entries()) {
    t.ok(
      values.every((x, j) => Math.abs(x - plain[i][j]) < 2e-6),
      `operator ${i}`,
    )
  }
})

for (const [name, { inputs, program }] of Object.entries(dictionary)) {
  t.test(`${name} exports in standard operators`, async t => {
    const bytes = await exportedBytes(program as (...xs: never[]) => Tree<tf.Tensor>, inputs)
    t.notOk(Buffer.from(bytes).includes('com.microsoft'))
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 })
    t.equal(session.inputNames.length, inputs.length)
    await session.release()
  })
}

t.test('a tree of parameters comes back from its file', async t => {
  const path = join(folder, 'params.safetensors')
  saveTree(path, params, { run: 'r1' })
  const { tree, metadata } = loadTree(path, params)
  t.same(tree, params)
  t.same(metadata, { run: 'r1' })
  t.throws(() => loadTree(path, { layers: [params.layers[0]] }), DataError, 'left over')
  t.throws(() => loadTree(path, { ...params, more: { shape: [1] } }), DataError, 'missing')
  t.throws(
    () => loadTree(path, { layers: [{ ...params.layers[0], bias: { shape: [5] } }, params.layers[1]] }),
    DataError,
    'shape',
  )
})
