import { TraceMisuse } from '../errors.js'
import type { Graph } from './graph.js'

/**
 * The graph being traced. tfjs itself keeps one global backend, and tracing is synchronous from begin to end, so one
 * slot is all there can be.
 */
let current: Graph | undefined

/**
 * True while a program is traced by `compile` or `exportOnnx`; then `emit` and `constant` may be used.
 *
 * ```ts
 * if (!isTracing()) return x.mul(x.sigmoid()) // eager: plain tfjs
 * ```
 */
export function isTracing(): boolean {
  return current !== undefined
}

/** True while the program is traced for any runtime: only standard ONNX operators may be emitted. */
export function isPortable(): boolean {
  return current?.portable ?? false
}

/** @throws {TraceMisuse} outside a trace */
export function currentGraph(): Graph {
  if (!current) {
    throw new TraceMisuse('expected a program that is being traced', 'got a call outside one', 'ask isTracing() first')
  }
  return current
}

export function withGraph<T>(graph: Graph, run: () => T): T {
  if (current)
    throw new TraceMisuse('expected one trace at a time', 'got compile() inside a program', 'compile outside')
  current = graph
  try {
    return run()
  } finally {
    current = undefined
  }
}
