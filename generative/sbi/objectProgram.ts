import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import { type Compiled, compile, isArrayValue, mapTree, type OrtTensor, specOf, toOrt } from '../../engine/index.js'
import type { MethodReader, ObservationTensors } from './reader.js'

/** Objects in, a row of numbers each out. */
export interface ObjectProgram<O> {
  run(objects: readonly O[]): Promise<Float32Array[]>
  close(): Promise<void>
}

/** Objects of a pass, and the sum of their sizes, so that a pass stays within the memory. */
const objectsAtOnce = 256
const sizeAtOnce = 32_768

export interface ObjectProgramOptions<O> {
  readonly params: Tree<ArrayValue>
  readonly reader: Pick<MethodReader<O>, 'encode' | 'sizeOf'>
  program(params: Tree<Tensor>, observation: ObservationTensors): Tensor
  readonly threads: number
  /**
   * Objects of a pass at least. The last bits of a matrix product depend on its number of rows: a method that keeps to
   * one number keeps its draws to the byte.
   */
  readonly fewest?: number
}

/**
 * A program that makes a row of numbers of every object, compiled once for each padded size and each number of objects
 * of a pass (powers of two, filled up with copies).
 */
export function objectProgram<O>(options: ObjectProgramOptions<O>): ObjectProgram<O> {
  const { params, reader, program, threads } = options
  const held = mapTree(params, isArrayValue, value => toOrt(value, 'float32'))
  const paramSpecs = mapTree(params, isArrayValue, ({ shape }) => ({ shape }))
  const compiled = new Map<string, Promise<Compiled>>()
  const body = (params: Tree<Tensor>, observation: Tree<Tensor>) => program(params, observation as ObservationTensors)
  const programOf = (specs: Readonly<Record<string, ReturnType<typeof specOf>>>): Promise<Compiled> => {
    const name = JSON.stringify(specs)
    const made = compiled.get(name) ?? compile(body, [paramSpecs, specs], { threads, name: 'summary' })
    compiled.set(name, made)
    return made
  }
  return {
    async run(objects) {
      const rows: Float32Array[] = []
      for (const { places, filled } of passesOf(objects, options)) {
        const observation = reader.encode(filled.map(place => objects[place]))
        const specs = Object.fromEntries(Object.entries(observation).map(([name, value]) => [name, specOf(value)]))
        const found = (await (await programOf(specs)).run(held, { ...observation })) as OrtTensor
        const data = found.data as Float32Array
        const width = data.length / filled.length
        for (const [i, place] of places.entries()) rows[place] = data.slice(i * width, (i + 1) * width)
      }
      return rows
    },
    async close() {
      for (const program of compiled.values()) await (await program).release()
    },
  }
}

/** Places of objects of one padded size, and the same filled up to a power of two. */
function passesOf<O>(objects: readonly O[], { reader: { sizeOf }, fewest = 1 }: ObjectProgramOptions<O>) {
  const bySize = new Map<number, number[]>()
  for (const [place, object] of objects.entries()) {
    const size = sizeOf?.(object) ?? 1
    bySize.set(size, [...(bySize.get(size) ?? []), place])
  }
  return [...bySize].flatMap(([size, places]) => {
    const most = Math.max(1, Math.min(objectsAtOnce, sizeAtOnce / size))
    const rows = 2 ** Math.floor(Math.log2(most))
    return Array.from({ length: Math.ceil(places.length / rows) }, (_, i) => {
      const own = places.slice(i * rows, (i + 1) * rows)
      const length = Math.max(fewest, 2 ** Math.ceil(Math.log2(own.length)))
      return { places: own, filled: Array.from({ length }, (_, row) => own[row] ?? own[0]) }
    })
  })
}
