import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import {
  compile,
  emit,
  InputMismatch,
  mapChunks,
  RandomWhileTracing,
  ReadWhileTracing,
  TraceMisuse,
  UnknownOperation,
} from '../../../engine/index.js'

const four = [{ shape: [4] }]
const here = /errors\.test\.(js|ts):\d+:\d+/

const javascript: { random: () => number } = Math

async function thrown(program: (x: tf.Tensor) => tf.Tensor, specs = four): Promise<Error> {
  try {
    await compile(program, specs)
  } catch (error) {
    return error as Error
  }
  throw new Error('it compiled')
}

t.test('an unknown operation names itself and the line of the program', async t => {
  const error = await thrown(x => tf.fft(tf.complex(x, x)))
  t.type(error, UnknownOperation)
  t.match(error.message, /'Complex'/)
  t.match(error.message, here)
})

t.test('also from inside a gradient', async t => {
  const pool = (x: tf.Tensor): tf.Tensor =>
    tf.grad(y => tf.localResponseNormalization(y.reshape([1, 2, 2, 1]) as tf.Tensor4D))(x)
  const error = await thrown(pool)
  t.type(error, UnknownOperation)
  t.match(error.message, here)
})

for (const [name, read] of Object.entries({
  dataSync: (x: tf.Tensor) => x.dataSync(),
  arraySync: (x: tf.Tensor) => x.arraySync(),
  bufferSync: (x: tf.Tensor) => x.bufferSync(),
  print: (x: tf.Tensor) => x.print(),
})) {
  t.test(`reading by ${name} says where, and to pass the value in`, async t => {
    const error = await thrown(x => {
      const y = x.square()
      read(y)
      return y
    })
    t.type(error, ReadWhileTracing)
    t.match(error.message, here)
    t.match(error.message, /input/)
  })
}

for (const [name, draw] of Object.entries({
  randomNormal: () => tf.randomNormal([4]),
  'randomNormal with a seed': () => tf.randomNormal([4], 0, 1, 'float32', 3),
  randomUniform: () => tf.randomUniform([4]),
  truncatedNormal: () => tf.truncatedNormal([4]),
  randomGamma: () => tf.randomGamma([4], 1),
  dropout: (x: tf.Tensor) => tf.dropout(x, 0.5),
  'Math.random': () => tf.tensor([javascript.random(), 0, 0, 0]),
})) {
  t.test(`drawing by ${name} says where, and to draw with a key`, async t => {
    const error = await thrown(x => x.add(draw(x)))
    t.type(error, RandomWhileTracing)
    t.match(error.message, name.split(' ')[0])
    t.match(error.message, here)
    t.match(error.message, /key/)
  })
}

t.test('a mapped function that looks outside is an error, since the gradient would be lost', async t => {
  const error = await thrown(x => {
    const outside = x.square()
    return mapChunks((m: tf.Tensor) => m.mul(outside.sum()), x, [], { chunks: 2 })
  })
  t.type(error, TraceMisuse)
  t.match(error.message, /shared/)
})

t.test('a gradient that would be lost is an error', async t => {
  const bare = (x: tf.Tensor): tf.Tensor => emit('Softplus', [x], [{ shape: [4] }])[0]
  t.equal((await compile((x: tf.Tensor) => bare(x), four)).nodes, 1)
  t.type(await thrown(x => tf.grad((x: tf.Tensor) => bare(x).sum())(x)), TraceMisuse)
  const chunked = (x: tf.Tensor): tf.Tensor => mapChunks((m: tf.Tensor) => m.pow(3), x, [], { chunks: 2 })
  const first = tf.grad((x: tf.Tensor) => chunked(x).sum())
  t.ok(await compile((x: tf.Tensor) => first(x), four))
  t.type(await thrown(x => tf.grad((x: tf.Tensor) => first(x).sum())(x)), TraceMisuse, 'a second derivative')
})

t.test('rows that do not divide are an error', async t => {
  t.type(await thrown(x => mapChunks((m: tf.Tensor) => m, x, [], { chunks: 3 })), TraceMisuse)
})

t.test('the backend of before is back after an error, and the next program compiles', async t => {
  await thrown(x => tf.fft(tf.complex(x, x)))
  t.equal(tf.getBackend(), 'cpu')
  t.same(tf.tensor([1, 2]).square().arraySync(), [1, 4])
  const compiled = await compile((x: tf.Tensor) => x.square(), four)
  t.ok(compiled.nodes > 0)
})

t.test('inputs are checked against what was compiled', async t => {
  const compiled = await compile(({ a }: { a: tf.Tensor }) => a.square(), [{ a: { shape: [2, 2] } }])
  const values = new Float32Array(4)
  const ways = {
    'another shape': [{ a: { shape: [4], values } }],
    'another type': [{ a: { shape: [2, 2], values: new Int32Array(4) } }],
    'a leaf missing': [{ b: { shape: [2, 2], values } }],
    'an input missing': [],
  }
  for (const [name, inputs] of Object.entries(ways)) {
    await t.rejects(
      compiled.run(...(inputs as { a: { shape: number[]; values: Float32Array } }[])),
      InputMismatch,
      name,
    )
  }
})
