import type { Attribute, GraphBody, OnnxNode } from '../onnx/model.js'

/**
 * Nodes that the outputs need, in their order. Gradients leave much behind that nobody asks for; onnxruntime would
 * compute it. A Scan whose outputs are partly used loses the others, body and all.
 */
export function prune(nodes: readonly OnnxNode[], outputs: Iterable<string>): OnnxNode[] {
  const needed = new Set(outputs)
  const kept: OnnxNode[] = []
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some(name => name !== '' && needed.has(name))) continue
    const slim = node.op === 'Scan' ? pruneScan(node, needed) : node
    for (const input of slim.inputs) needed.add(input)
    for (const attribute of Object.values(slim.attributes)) for (const name of captured(attribute)) needed.add(name)
    kept.push(slim)
  }
  return kept.reverse()
}

/** Names that a body reads from outside. */
function captured(attribute: Attribute): string[] {
  if (typeof attribute !== 'object' || !('graph' in attribute)) return []
  const { graph } = attribute
  const inside = new Set(graph.inputs.map(input => input.name))
  const outside: string[] = []
  for (const node of graph.nodes) {
    for (const name of [...node.inputs, ...Object.values(node.attributes).flatMap(captured)]) {
      if (name !== '' && !inside.has(name)) outside.push(name)
    }
    for (const name of node.outputs) inside.add(name)
  }
  for (const output of graph.outputs) if (!inside.has(output.name)) outside.push(output.name)
  return outside
}

function pruneScan(node: OnnxNode, needed: ReadonlySet<string>): OnnxNode {
  const body = (node.attributes.body as { graph: GraphBody }).graph
  const mappedCount = node.attributes.num_scan_inputs as number
  const stateCount = node.inputs.length - mappedCount
  const used = new Set<number>()
  node.outputs.forEach((name, i) => {
    if (needed.has(name)) used.add(i)
  })
  // A state is also needed where the body still reads it.
  let nodes: OnnxNode[] = []
  for (let grown = true; grown; ) {
    nodes = prune(
      body.nodes,
      [...used].map(i => body.outputs[i].name),
    )
    const read = new Set(
      nodes.flatMap(inner => [...inner.inputs, ...Object.values(inner.attributes).flatMap(captured)]),
    )
    grown = false
    for (let i = 0; i < stateCount; i++) {
      if (used.has(i) || !read.has(body.inputs[i].name)) continue
      used.add(i)
      grown = true
    }
  }
  const keep = <T>(list: readonly T[]): T[] => list.filter((_, i) => used.has(i))
  const keepInputs = <T>(list: readonly T[]): T[] => list.filter((_, i) => i >= stateCount || used.has(i))
  const graph = { nodes, inputs: keepInputs(body.inputs), outputs: keep(body.outputs) }
  const attributes = { ...node.attributes, body: { graph } }
  return { ...node, inputs: keepInputs(node.inputs), outputs: keep(node.outputs), attributes }
}
