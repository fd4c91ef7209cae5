import type { TensorInfo } from '@tensorflow/tfjs'
import { TraceMisuse } from '../errors.js'
import type { ElementType, Initializer, OnnxNode } from '../onnx/model.js'

/** What a kernel reads: a traced tensor, the name of a graph value, or `undefined` for an optional input omitted. */
export type Ref = TensorInfo | string | undefined

/** Nodes of the main graph or of one body (Scan, Loop) inside it. */
export interface Scope {
  readonly parent: Scope | undefined
  readonly nodes: OnnxNode[]
  /** Names defined in this scope. */
  readonly names: Set<string>
  readonly memo: Map<string, unknown>
  /** Names of outer values that this body may read; everything where undefined. */
  readonly visible: ReadonlySet<string> | undefined
}

/**
 * A program while it is traced: its nodes, innermost scope last, and the constants, which every scope sees.
 * Values are known by name; a tfjs tensor leads to its name by its `dataId`.
 */
export class Graph {
  scope: Scope = { parent: undefined, nodes: [], names: new Set(), memo: new Map(), visible: undefined }
  readonly initializers = new Map<string, Initializer>()
  private readonly names = new WeakMap<object, string>()
  /** Values known to be one number everywhere. */
  readonly fills = new Map<string, number>()
  /** What a broadcast value was before, by its name. */
  readonly expansions = new Map<string, TensorInfo>()
  private readonly shared = new Map<string, string>()
  private counter = 0

  /**
   * @param portable     standard operators only
   * @param singleThread onnxruntime will run this on one thread
   */
  constructor(
    readonly portable: boolean,
    readonly singleThread: boolean,
  ) {}

  freshName(prefix: string): string {
    return `${prefix}${this.counter++}`
  }

  /** The value that a tensor stands for, or undefined for a tensor of another backend. */
  nameOf(dataId: object): string | undefined {
    return this.names.get(dataId)
  }

  bind(dataId: object, name: string): void {
    this.names.set(dataId, name)
  }

  /** A tensor for the named value; several tensors may stand for one value. */
  tensorFor(name: string, shape: readonly number[], dtype: TensorInfo['dtype']): TensorInfo {
    const dataId = {}
    this.bind(dataId, name)
    return { dataId, shape: [...shape], dtype }
  }

  addNode(node: OnnxNode): void {
    for (const input of node.inputs) this.assertVisible(input, node.op)
    for (const output of node.outputs) this.scope.names.add(output)
    this.scope.nodes.push(node)
  }

  /** A constant of the graph; equal small ones are stored once. */
  addInitializer(dtype: ElementType, shape: readonly number[], bytes: Uint8Array): string {
    const key = bytes.length <= 256 ? `${dtype}:${shape.join()}:${Buffer.from(bytes).toString('base64')}` : undefined
    const known = key === undefined ? undefined : this.shared.get(key)
    if (known !== undefined) return known
    const name = this.freshName('c')
    this.initializers.set(name, { name, dtype, shape: [...shape], bytes: bytes.slice() })
    if (key !== undefined) this.shared.set(key, name)
    return name
  }

  /** Makes something once a scope (an inner scope also sees what an outer one made). */
  memo<T>(key: string, make: () => T): T {
    for (let scope: Scope | undefined = this.scope; scope; scope = scope.visible ? undefined : scope.parent) {
      if (scope.memo.has(key)) return scope.memo.get(key) as T
    }
    const made = make()
    this.scope.memo.set(key, made)
    return made
  }

  /** Records `body` into a scope of its own and returns its nodes beside what it returned. */
  inScope<T>(names: readonly string[], visible: ReadonlySet<string>, body: () => T): { nodes: OnnxNode[]; result: T } {
    const outer = this.scope
    this.scope = { parent: outer, nodes: [], names: new Set(names), memo: new Map(), visible }
    try {
      const result = body()
      return { nodes: this.scope.nodes, result }
    } finally {
      this.scope = outer
    }
  }

  /** Defined in the current scope, and not in one around it. */
  isLocal(name: string): boolean {
    return this.scope.names.has(name)
  }

  /** Whether a node in the current scope may read the value. */
  sees(name: string): boolean {
    if (name === '' || this.initializers.has(name)) return true
    for (let scope: Scope | undefined = this.scope; scope; scope = scope.parent) {
      if (scope.names.has(name)) return true
      if (scope.visible && !scope.visible.has(name)) return false
    }
    return false
  }

  private assertVisible(name: string, op: string): void {
    if (this.sees(name)) return
    if (this.scope.visible) {
      throw new TraceMisuse(
        'expected a mapped function that uses only what is passed to it, mapped or shared',
        `'${op}' inside it uses a tensor from outside`,
        'pass that tensor in `shared`',
      )
    }
    throw new TraceMisuse('expected a tensor of this program', `'${op}' uses one of another`, 'pass it in as an input')
  }
}
