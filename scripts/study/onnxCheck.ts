import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  type ArrayValue,
  type CloudInput,
  makeKey,
  type Network,
  normal,
  type Tree,
  UsageError,
} from '../../core/index.js'
import { exportOnnx, runEager, specOf, tensorsFrom } from '../../engine/index.js'
import { deepSets, equivariant, messagePassing, transformer } from '../../gnn/networks/index.js'
import { peerPython } from '../bench/peer.js'

/** Checks a file with ONNX's own checker, shapes and all, then runs it: JSON of the outputs on stdout. */
const script = `
import json, sys, numpy, onnx, onnxruntime
path, given = sys.argv[1], json.load(open(sys.argv[2]))
model = onnx.load(path)
onnx.checker.check_model(model, full_check=True)
domains = [d.domain for d in model.opset_import]
assert domains == [''], domains
session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
feeds = {n: numpy.array(g['values'], g['dtype']).reshape(g['shape']) for n, g in given.items()}
out = session.run(None, feeds)[0]
print(json.dumps({'onnx': onnx.__version__, 'nodes': len(model.graph.node), 'values': out.flatten().tolist()}))
`

const points = 16
const k = 4
const shared = { dim: 3, features: 2, outputs: 3, width: 32, layers: 2, conditions: 2 }
const basis = { count: 8, from: 0.1, to: 2 }

const networks: Readonly<Record<string, Network>> = {
  transformer: transformer({ ...shared, heads: 4, mlp: 64 }),
  'message passing': messagePassing({ ...shared, basis, aggregate: 'attention', norm: true }),
  equivariant: equivariant({
    dim: 3,
    vectors: 0,
    scalars: 2,
    outputVectors: 1,
    outputScalars: 0,
    channels: 8,
    width: 32,
    layers: 2,
    conditions: 2,
    basis,
  }),
  'deep sets': deepSets(shared),
}

/**
 * Exports each network and has Python's `onnx` check the file and Python's onnxruntime run it; the result must equal
 * the eager program. Needs `STIPPLE_PEERS`, a bin folder with a python that has onnx, onnxruntime and numpy.
 */
export async function onnxCheck(): Promise<void> {
  const python = peerPython()
  if (python === undefined) {
    throw new UsageError(
      'expected a Python with onnx and onnxruntime',
      'got no STIPPLE_PEERS',
      'set it to its bin folder',
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'stipple-onnx-'))
  try {
    for (const [name, network] of Object.entries(networks)) {
      const path = join(folder, `${name}.onnx`)
      const input = inputFor(name)
      const params = disturbed(network.init(makeKey(1)))
      const program = (given: CloudInput) => network.apply(tensorsFrom(params), given)
      await exportOnnx(
        program,
        [Object.fromEntries(Object.entries(input).map(([name, value]) => [name, specOf(value)]))],
        path,
        { metadata: { network: name } },
      )
      const inputsPath = join(folder, 'inputs.json')
      writeFileSync(inputsPath, JSON.stringify(jsonOf(input)))
      const { stdout } = await promisify(execFile)(python, ['-c', script, path, inputsPath], { maxBuffer: 1 << 26 })
      const checked = JSON.parse(stdout) as { onnx: string; nodes: number; values: number[] }
      const want = runEager(program, input as unknown as Tree<ArrayValue>) as ArrayValue
      const largest = Math.max(...want.values.map(Math.abs))
      const worst = Math.max(...checked.values.map((x, i) => Math.abs(x - want.values[i]))) / largest
      process.stdout.write(
        `${name}: onnx ${checked.onnx} passes ${checked.nodes} nodes; differs by ${worst.toExponential(1)} of the largest entry\n`,
      )
      if (!(worst < 1e-4)) process.exitCode = 1
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Networks start with a last layer of zeros, whose output would hide every error. */
function disturbed(params: Tree<ArrayValue>): Tree<ArrayValue> {
  if (ArrayBuffer.isView((params as ArrayValue).values)) {
    const { shape, values } = params as ArrayValue
    const noise = normal(makeKey(3), [...shape])
    return { shape, values: Float32Array.from(values, (x, i) => x + 0.1 * noise[i]) }
  }
  if (Array.isArray(params)) return params.map(child => disturbed(child as Tree<ArrayValue>))
  const entries = Object.entries(params as Record<string, Tree<ArrayValue>>)
  return Object.fromEntries(entries.map(([name, child]) => [name, disturbed(child)]))
}

function inputFor(name: string): Record<string, ArrayValue> {
  const draw = (what: string, shape: number[]): ArrayValue => ({ shape, values: normal(makeKey(2).split(what), shape) })
  const cloud = {
    positions: draw('positions', [1, points, 3]),
    features: draw('features', [1, points, 2]),
    condition: draw('condition', [1, 2]),
  }
  if (name === 'transformer' || name === 'deep sets') return cloud
  // The next k points round a ring: any graph will do.
  const senders = Int32Array.from({ length: points * k }, (_, i) => (Math.floor(i / k) + 1 + (i % k)) % points)
  return {
    ...cloud,
    senders: { shape: [1, points, k], values: senders },
    displacements: draw('displacements', [1, points, k, 3]),
  }
}

function jsonOf(input: Readonly<Record<string, ArrayValue>>) {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, { ...specOf(value), values: [...value.values] }]),
  )
}
