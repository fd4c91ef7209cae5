import { Wire } from './wire.js'

/** Element types that a traced program can hold; numbers of `TensorProto.DataType`. */
export const elementType = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 } as const
export type ElementType = keyof typeof elementType

/** A tensor known while tracing, raw little-endian bytes. */
export interface Initializer {
  readonly name: string
  readonly dtype: ElementType
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

/** A named, typed and shaped value: graph inputs and outputs. */
export interface ValueInfo {
  readonly name: string
  readonly dtype: ElementType
  readonly shape: readonly number[]
}

export interface GraphBody {
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly nodes: readonly OnnxNode[]
}

/** ONNX tells integers from floats by the attribute's type, JavaScript does not: floats are written `{ float: 1 }`. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: Initializer }
  | { readonly graph: GraphBody }

export type Attributes = Readonly<Record<string, Attribute>>

export interface OnnxNode {
  readonly op: string
  /** Names of values; '' is an optional input omitted. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Attributes
  /** '' for the standard operators */
  readonly domain: string
}

export interface OnnxModel extends GraphBody {
  readonly name: string
  readonly initializers: readonly Initializer[]
  /** Free text that travels with the file. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** Version of the standard operator set that our lowerings are written for; IR version 9 is the one of its time. */
const opsetVersion = 18
const irVersion = 9

/** The bytes of an `.onnx` file. Field numbers are those of onnx.proto. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const domains = new Set<string>()
  collectDomains(model.nodes, domains)
  const graph = encodeGraph(model, model.name)
  for (const initializer of model.initializers) graph.message(5, encodeTensor(initializer))
  const wire = new Wire().int(1, irVersion).text(2, 'stipple').message(7, graph)
  wire.message(8, new Wire().text(1, '').int(2, opsetVersion))
  for (const domain of domains) if (domain !== '') wire.message(8, new Wire().text(1, domain).int(2, 1))
  for (const [key, value] of Object.entries(model.metadata ?? {}))
    wire.message(14, new Wire().text(1, key).text(2, value))
  return wire.finish()
}

/** All operator domains that nodes and the bodies inside them use. */
function collectDomains(nodes: readonly OnnxNode[], into: Set<string>): void {
  for (const node of nodes) {
    into.add(node.domain)
    for (const attribute of Object.values(node.attributes)) {
      if (typeof attribute === 'object' && 'graph' in attribute) collectDomains(attribute.graph.nodes, into)
    }
  }
}

function encodeGraph(graph: GraphBody, name: string): Wire {
  const wire = new Wire()
  for (const node of graph.nodes) wire.message(1, encodeNode(node))
  wire.text(2, name)
  for (const input of graph.inputs) wire.message(11, encodeValueInfo(input))
  for (const output of graph.outputs) wire.message(12, encodeValueInfo(output))
  return wire
}

function encodeNode(node: OnnxNode): Wire {
  const wire = new Wire()
  for (const input of node.inputs) wire.text(1, input)
  for (const output of node.outputs) wire.text(2, output)
  wire.text(4, node.op)
  for (const [name, value] of Object.entries(node.attributes)) wire.message(5, encodeAttribute(name, value))
  if (node.domain !== '') wire.text(7, node.domain)
  return wire
}

function encodeAttribute(name: string, value: Attribute): Wire {
  const wire = new Wire().text(1, name)
  if (typeof value === 'number') return wire.int(3, value).int(20, 2)
  if (typeof value === 'string') return wire.text(4, value).int(20, 3)
  if ('float' in value) return wire.float(2, value.float).int(20, 1)
  if ('floats' in value) {
    for (const float of value.floats) wire.float(7, float)
    return wire.int(20, 6)
  }
  if ('tensor' in value) return wire.message(5, encodeTensor(value.tensor)).int(20, 4)
  if ('graph' in value) return wire.message(6, encodeGraph(value.graph, name)).int(20, 5)
  for (const int of value) wire.int(8, int)
  return wire.int(20, 7)
}

function encodeTensor(tensor: Initializer): Wire {
  const wire = new Wire()
  for (const length of tensor.shape) wire.int(1, length)
  return wire.int(2, elementType[tensor.dtype]).text(8, tensor.name).bytes(9, tensor.bytes)
}

function encodeValueInfo(info: ValueInfo): Wire {
  const shape = new Wire()
  for (const length of info.shape) shape.message(1, new Wire().int(1, length))
  const tensorType = new Wire().int(1, elementType[info.dtype]).message(2, shape)
  return new Wire().text(1, info.name).message(2, new Wire().message(1, tensorType))
}
