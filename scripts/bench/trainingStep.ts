import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type CloudInput, makeKey, type Network, normal, type Tree } from '../../core/index.js'
import { microBatches } from '../../engine/fused/index.js'
import { type Compiled, compile, type OrtTensor, specOf, toArray, type Value } from '../../engine/index.js'
import { type BenchLine, median, processorModel } from './benchLine.js'
import { startPeerStep } from './peer.js'

export interface StepBench {
  readonly name: string
  readonly size: string
  readonly network: Network
  /** inputs of the network, and as `target` its regression target `[batch, points, outputs]` */
  readonly inputs: Readonly<Record<string, ArrayValue>>
  /** inputs that the peer does not need */
  readonly ours?: readonly string[]
  readonly peer: string
  readonly threads: number
  /** into how many parts the batch is divided, which are worked on one after the other */
  readonly parts?: number
}

const rounds = 4
const stepsOfRound = 3

/**
 * Forward, backward and Adam on one batch, ours and PyTorch's on the same numbers, alternately. The time is the fastest
 * step of all rounds on each side, PyTorch's the better of eager and compiled (malloc not tuned). The losses of the
 * first steps are given too.
 */
export async function benchStep(bench: StepBench): Promise<BenchLine> {
  const leaves = namedLeaves(bench.network.init(makeKey(1)), makeKey(2))
  const ours = await ourStep(bench, leaves)
  const shared = Object.entries(bench.inputs).filter(([name]) => !bench.ours?.includes(name))
  const peer = await startPeerStep(bench.peer, new Map([...leaves, ...shared]), bench.threads)
  const times: Record<string, number[]> = { ours: [], eager: [], compiled: [] }
  const losses: Record<string, number[]> = { ours: [], eager: [], compiled: [] }
  for (let round = 0; round <= rounds; round++) {
    for (const mode of peer ? ['ours', 'eager', 'compiled'] : ['ours']) {
      const { ms, losses: some } = mode === 'ours' ? await ours.run(stepsOfRound) : await peer!.run(mode, stepsOfRound)
      losses[mode].push(...some)
      if (round > 0) times[mode].push(...ms)
    }
  }
  await ours.release()
  await peer?.close()
  const fastest = (mode: string) => Math.min(...times[mode])
  const peerMs = peer ? Math.min(fastest('eager'), fastest('compiled')) : null
  return {
    name: bench.name,
    size: bench.size,
    ours_ms: fastest('ours'),
    peer: peer ? `${peer.version} ${fastest('eager') <= fastest('compiled') ? 'eager' : 'compiled'}` : null,
    peer_ms: peerMs,
    ratio: peerMs === null ? null : peerMs / fastest('ours'),
    threads: bench.threads,
    cpu: processorModel(),
    ours_median_ms: median(times.ours),
    ...(peer ? { peer_eager_ms: fastest('eager'), peer_compiled_ms: fastest('compiled') } : {}),
    losses: losses.ours.slice(0, 4),
    ...(peer ? { peer_losses: losses.eager.slice(0, 4) } : {}),
    nodes: ours.nodes,
    rss_mb: Math.round(process.memoryUsage().rss / 1e6),
  }
}

/** Parameters by path, moved from their zeros so that no gradient vanishes. */
function namedLeaves(tree: Tree<ArrayValue>, key: ReturnType<typeof makeKey>, path = 'p'): Map<string, ArrayValue> {
  if ('values' in tree && ArrayBuffer.isView(tree.values)) {
    const leaf = tree as ArrayValue
    const noise = normal(key, leaf.shape)
    return new Map([
      [path, { shape: leaf.shape, values: Float32Array.from(leaf.values, (v, i) => v + 0.02 * noise[i]) }],
    ])
  }
  const children = Object.entries(tree).map(([name, child]) =>
    namedLeaves(child as Tree<ArrayValue>, key.split(name), `${path}.${name}`),
  )
  return new Map(children.flatMap(child => [...child]))
}

async function ourStep({ network, inputs, threads, parts = 1 }: StepBench, leaves: ReadonlyMap<string, ArrayValue>) {
  const shapes = [...leaves.values()].map(l => [...l.shape])
  const sizes = shapes.map(shape => shape.reduce((a, b) => a * b, 1))
  const count = sizes.reduce((a, b) => a + b, 0)
  const build = unflatten(network, [...leaves.keys()])

  /**
   * Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1) on one flat vector; `bias` holds 1 - beta1^t and 1 -
   * beta2^t.
   */
  const step = (
    [flat, mean, square]: readonly tf.Tensor[],
    bias: readonly tf.Tensor[],
    given: Readonly<Record<string, tf.Tensor>>,
  ): tf.Tensor[] => {
    const loss = (at: tf.Tensor, { target, ...input }: Readonly<Record<string, tf.Tensor>>): tf.Scalar => {
      const params = build(tf.split(at, sizes).map((part, i) => part.reshape(shapes[i])))
      return tf.mean(tf.squaredDifference(network.apply(params, input as unknown as CloudInput), target))
    }
    const { value, gradient } = microBatches(loss, flat, given, parts)
    const m = tf.add(mean.mul(0.9), gradient.mul(0.1))
    const v = tf.add(square.mul(0.999), gradient.square().mul(0.001))
    return [flat.sub(m.mul(tf.div(1e-4, bias[0])).div(v.div(bias[1]).sqrt().add(1e-8))), m, v, value]
  }

  const given = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, specOf(value)]))
  const vector = { shape: [count] }
  const scalar = { shape: [] }
  const compiled: Compiled = await compile(step, [[vector, vector, vector], [scalar, scalar], given], { threads })
  const flat = new Float32Array(count)
  let at = 0
  for (const { values } of leaves.values()) {
    flat.set(values as Float32Array, at)
    at += values.length
  }
  let state: Value[] = [flat, new Float32Array(count), new Float32Array(count)].map(values => ({
    shape: [count],
    values,
  }))
  let done = 0
  return {
    nodes: compiled.nodes,
    bytes: compiled.bytes,
    release: () => compiled.release(),
    run: async (steps: number) => {
      const ms: number[] = []
      const losses: number[] = []
      for (let i = 0; i < steps; i++) {
        done++
        const bias = [1 - 0.9 ** done, 1 - 0.999 ** done].map(b => ({ shape: [], values: Float32Array.of(b) }))
        const start = performance.now()
        const out = (await compiled.run(state, bias, inputs)) as OrtTensor[]
        losses.push(toArray(out[3]).values[0])
        state = out.slice(0, 3)
        ms.push(performance.now() - start)
      }
      return { ms, losses }
    },
  }
}

/** The parameter tree of a network from its leaves in the order of their paths. */
function unflatten(network: Network, paths: readonly string[]): (leaves: readonly tf.Tensor[]) => Tree<tf.Tensor> {
  const form = network.init(makeKey(1))
  return leaves => {
    const byPath = new Map(paths.map((path, i) => [path, leaves[i]]))
    const build = (tree: Tree<ArrayValue>, path: string): Tree<tf.Tensor> => {
      const leaf = byPath.get(path)
      if (leaf) return leaf
      if (Array.isArray(tree)) return tree.map((child: Tree<ArrayValue>, i) => build(child, `${path}.${i}`))
      return Object.fromEntries(
        Object.entries(tree).map(([n, child]) => [n, build(child as Tree<ArrayValue>, `${path}.${n}`)]),
      )
    }
    return build(form, 'p')
  }
}
