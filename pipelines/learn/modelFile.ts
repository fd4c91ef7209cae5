import { type ArrayValue, DataError, makeKey, messageOf, type Tree } from '../../core/index.js'
import { type FlatLayout, layoutOf, unflattenValues } from '../../engine/index.js'
import type { Method } from '../../generative/sbi/index.js'
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../io/index.js'

/** What training leaves in model.safetensors: networks, tensors beside them, and facts as JSON in the metadata. */
export interface ModelContent {
  /** flat parameters of each network */
  readonly members: readonly Float32Array[]
  readonly tensors?: Readonly<Record<string, ArrayValue>>
  readonly facts: Readonly<Record<string, unknown>>
}

/** Atomic; equal models give equal bytes. */
export function writeModel(path: string, { members, tensors, facts }: ModelContent): void {
  const networks = members.map((values, i) => [`members.${i}`, { shape: [values.length], values }] as const)
  writeSafetensors(
    path,
    { ...Object.fromEntries(networks), ...tensors },
    Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, JSON.stringify(value)])),
  )
}

/** An open model file. What is absent or of another kind is a DataError that names it. */
export interface ModelFile {
  readonly path: string
  readonly tensors: Readonly<Record<string, StoredTensor>>
  has(fact: string): boolean
  /** @throws DataError where it is absent or no JSON */
  fact<T>(name: string): T
  /** `[length]` float32, any length where none is given */
  vector(name: string, length?: number): Float32Array
  /** @throws DataError where one of these tensors is absent */
  require(names: readonly string[]): void
  /** parameters of network `index`, as `method` has them */
  member(index: number, method: Pick<Method<never>, 'init'>): Tree<ArrayValue>
  /** of the first `count` networks, all of one method */
  members(count: number, method: Pick<Method<never>, 'init'>): Tree<ArrayValue>[]
}

/** @param retrain what to do about a spoilt file */
export function readModel(path: string, retrain = 'train again with --force'): ModelFile {
  const { tensors, metadata } = readSafetensors(path)
  const spoilt = (expected: string, got: string) =>
    new DataError(`expected ${expected} in ${path}`, `got ${got}`, retrain)
  const layouts = new Map<unknown, FlatLayout>()
  const vector = (name: string, length?: number, what = `${length ?? 'some'} numbers of ${name}`): Float32Array => {
    const values = tensors[name]?.values
    if (values instanceof Float32Array && (length === undefined || values.length === length)) return values
    throw spoilt(what, `${values?.length ?? 'none'}`)
  }
  const member = (index: number, method: Pick<Method<never>, 'init'>): Tree<ArrayValue> => {
    const layout = layouts.get(method) ?? layoutOf(method.init(makeKey(0)))
    layouts.set(method, layout)
    const values = vector(`members.${index}`, layout.size, `${layout.size} parameters of network ${index}`)
    return unflattenValues(values, layout)
  }
  return {
    path,
    tensors,
    has: fact => metadata[fact] !== undefined,
    fact: <T>(name: string): T => {
      if (metadata[name] === undefined) throw spoilt(name, 'none')
      try {
        return JSON.parse(metadata[name]) as T
      } catch (error) {
        throw spoilt(name, messageOf(error))
      }
    },
    vector: (name, length) => vector(name, length),
    require(names) {
      const missing = names.find(name => !(name in tensors))
      if (missing !== undefined) throw spoilt(missing, 'none')
    },
    member,
    members: (count, method) => Array.from({ length: count }, (_, index) => member(index, method)),
  }
}
