import type { TensorInfo } from '@tensorflow/tfjs'
import type { ValueInfo } from '../onnx/model.js'
import { type DType, nameOf, rawNode, tensorOf } from './emit.js'
import { currentGraph } from './state.js'
import { assertNotOnTape } from './tape.js'

export interface ScanResult {
  /** What each state is after the last step. */
  readonly states: TensorInfo[]
  /** The outputs of all steps, stacked along a new first axis. */
  readonly stacked: TensorInfo[]
}

/**
 * ONNX `Scan`: runs `body` over the first axis of `mapped`, one step after the other, handing states on. Steps share
 * memory, so what a step makes stays in the processor's cache.
 *
 * @param shared tensors from outside that the body reads as they are
 */
export function scan(
  initial: readonly TensorInfo[],
  mapped: readonly TensorInfo[],
  shared: readonly TensorInfo[],
  body: (states: TensorInfo[], slices: TensorInfo[]) => ScanResult,
): ScanResult {
  assertNotOnTape('Scan')
  const graph = currentGraph()
  const steps = mapped[0].shape[0]
  const local = (shape: readonly number[], dtype: string): ValueInfo => ({
    name: graph.freshName('s'),
    dtype: dtype as DType,
    shape,
  })
  const inputs = [...initial.map(x => local(x.shape, x.dtype)), ...mapped.map(x => local(x.shape.slice(1), x.dtype))]
  const visible = new Set(shared.map(x => nameOf(graph, x)))
  const { nodes, result } = graph.inScope(
    inputs.map(input => input.name),
    visible,
    () => {
      const tensors = inputs.map(({ name, shape, dtype }) => tensorOf(name, { shape, dtype: dtype as DType }))
      const { states, stacked } = body(tensors.slice(0, initial.length), tensors.slice(initial.length))
      const taken = new Set(inputs.map(input => input.name))
      const outputs = [...states, ...stacked].map(x => ({ ...x, dtype: x.dtype as DType, name: ownOutput(x, taken) }))
      return { outputs, states, stacked }
    },
  )
  const outputs = result.outputs.map(({ name, dtype, shape }) => ({ name, dtype, shape }))
  const attributes = { body: { graph: { inputs, outputs, nodes } }, num_scan_inputs: mapped.length }
  const names = rawNode('Scan', [...initial, ...mapped], attributes, outputs.length)
  const outer = names.map((name, i) => {
    const { shape, dtype } = outputs[i]
    return tensorOf(name, { shape: i < initial.length ? shape : [steps, ...shape], dtype })
  })
  return { states: outer.slice(0, initial.length), stacked: outer.slice(initial.length) }
}

/** Outputs of a body want names of their own that the body defines. */
function ownOutput(x: TensorInfo, taken: Set<string>): string {
  const graph = currentGraph()
  const name = nameOf(graph, x)
  if (graph.isLocal(name) && !taken.has(name)) {
    taken.add(name)
    return name
  }
  return rawNode('Identity', [x])[0]
}
