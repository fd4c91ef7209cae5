import type { Attribute, GraphBody, OnnxNode, ValueInfo } from './model.js'

/** Another name for every value that `names` has one for, also inside bodies, which read values from outside. */
export function renameValues<Graph extends GraphBody>(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const renamed = (name: string): string => names.get(name) ?? name
  const info = (value: ValueInfo): ValueInfo => ({ ...value, name: renamed(value.name) })
  const attribute = (value: Attribute): Attribute =>
    typeof value === 'object' && 'graph' in value ? { graph: renameValues(value.graph, names) } : value
  const node = (old: OnnxNode): OnnxNode => ({
    ...old,
    inputs: old.inputs.map(renamed),
    outputs: old.outputs.map(renamed),
    attributes: Object.fromEntries(Object.entries(old.attributes).map(([key, value]) => [key, attribute(value)])),
  })
  return { ...graph, inputs: graph.inputs.map(info), outputs: graph.outputs.map(info), nodes: graph.nodes.map(node) }
}
