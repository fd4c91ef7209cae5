import { InferenceSession, type Tensor as OrtTensor } from 'onnxruntime-node'
import { messageOf, type Tree } from '../core/index.js'
import type { Device } from './devices/deviceNames.js'
import { DeviceUnavailable } from './errors.js'
import { buildModel, type Value } from './model.js'
import type { Program, Spec } from './trace/trace.js'

/** What onnxruntime-node can run on; `devices()` reports which of them this machine has. */
export type { Device }

export interface CompileOptions {
  /** Threads inside one operator; default all that onnxruntime finds. */
  readonly threads?: number
  /** Execution provider of onnxruntime; default 'cpu'. */
  readonly device?: Device
  /** Name of the graph, for profiles and errors. */
  readonly name?: string
}

/** A program as one onnxruntime session. */
export interface Compiled {
  /** One tree a parameter of the program; the result has the form that the program returned. */
  run(...inputs: Tree<Value>[]): Promise<Tree<OrtTensor>>
  /** The ONNX model. */
  readonly bytes: Uint8Array
  /** Number of nodes before onnxruntime optimises. */
  readonly nodes: number
  release(): Promise<void>
}

/**
 * Traces a tfjs program once and compiles the ONNX graph with onnxruntime. Shapes are static: one compiled program a
 * set of shapes (`makeEvaluator` compiles for shapes as they come). Whatever the program computes that is no tensor
 * happens once, while it is traced.
 *
 * ```ts
 * const norm = await compile((x: Tensor) => x.square().sum().sqrt(), [{ shape: [2] }], { threads: 1 })
 * const result = await norm.run({ shape: [2], values: Float32Array.of(3, 4) })
 * toArray(result as OrtTensor).values // [5]
 * await norm.release()
 * ```
 *
 * @param specs one tree of shapes a parameter of `program`
 * @throws {UnknownOperation} for a tfjs operation without lowering
 * @throws {DeviceUnavailable} where the machine lacks the device
 * @throws {ReadWhileTracing} where the program reads a tensor's numbers
 */
export async function compile(
  program: Program,
  specs: readonly Tree<Spec>[],
  options: CompileOptions = {},
): Promise<Compiled> {
  const model = await buildModel(program, specs, { singleThread: options.threads === 1, name: options.name })
  const session = await createSession(model.bytes, options)
  return {
    bytes: model.bytes,
    nodes: model.nodes,
    run: async (...inputs) => model.results((await session.run(model.feeds(inputs))) as Record<string, OrtTensor>),
    release: () => session.release(),
  }
}

async function createSession(bytes: Uint8Array, options: CompileOptions): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, sessionOptions(options))
  } catch (error) {
    const { device = 'cpu' } = options
    throw device === 'cpu' ? error : new DeviceUnavailable(device, messageOf(error).slice(0, 300), { cause: error })
  }
}

function sessionOptions({ threads, device = 'cpu' }: CompileOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  }
}
