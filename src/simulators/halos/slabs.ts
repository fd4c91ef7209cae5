import type { ArrayValue, Tree } from '../../core/index.js'
import { type Compiled, compile, isArrayValue, mapTree, type OrtTensor, toArray } from '../../engine/index.js'
import { collapseOfCells } from './collapse.js'
import { type Band, bandUpTo, fullBand, type InverseMatrices, inverseMatrices } from './fourier.js'
import { deformation, gradientOf, secondOrderSource } from './lagrangian.js'

/** Planes of x that are transformed together: their products stay in cache, and the same sums are made on any number of threads. */
const planes = 16

/** The slabs of a grid as ranges of planes; the last is shorter where 16 does not divide the grid. */
export function slabsOf(n: number): readonly (readonly [number, number])[] {
  return Array.from({ length: Math.ceil(n / planes) }, (_, i) => [i * planes, Math.min(n, (i + 1) * planes)])
}

/** Arrays lie in shared memory where several threads work on one grid. */
interface GridTask {
  readonly n: number
  /** Mpc/h */
  readonly box: number
  readonly slabs: readonly (readonly [number, number])[]
  /** `[n, n, 2, n/2 + 1]` modes of Phi = delta / k^2, (Mpc/h)^2 */
  readonly potential: Float32Array
}

export interface CollapseTask extends GridTask {
  readonly kind: 'collapse'
  /** Gaussian smoothing radii in Mpc/h, 0 among them */
  readonly radii: readonly number[]
  /** receives 1/b of each cell, the largest over the radii; begins as zeros */
  readonly collapse: Float32Array
  /** receives the source of the second-order potential */
  readonly source: Float32Array
}

export interface DisplaceTask extends GridTask {
  readonly kind: 'displace'
  readonly second: Float32Array
  /** `[n^3, 6]` receives first- and second-order displacement of each cell, times `scales` */
  readonly displacement: Float32Array
  readonly scales: readonly [number, number]
}

export type SlabTask = CollapseTask | DisplaceTask

/** Does tasks on slabs with programs that it compiles once and keeps until `release`. */
export interface SlabWork {
  run(task: SlabTask): Promise<void>
  release(): Promise<void>
}

/** @param threads within one product */
export function makeSlabWork(threads: number): SlabWork {
  const programs = new Map<string, Promise<Compiled>>()
  const programFor = (kind: 'source' | 'deformation' | 'gradient', inputs: readonly Tree<ArrayValue>[]) => {
    const name = `${kind} ${JSON.stringify(inputs, (key, value) => (key === 'values' ? undefined : value))}`
    const known =
      programs.get(name) ??
      compile(
        program[kind],
        inputs.map(tree => mapTree(tree, isArrayValue, ({ shape }) => ({ shape }))),
        { threads, name: kind },
      )
    programs.set(name, known)
    return known
  }
  return {
    run: task => (task.kind === 'collapse' ? collapseSlabs(task, programFor) : displaceSlabs(task, programFor)),
    release: async () => {
      for (const compiled of programs.values()) await (await compiled).release()
      programs.clear()
    },
  }
}

const program = {
  deformation,
  source: (potential: never, matrices: never) => {
    const tensors = deformation(potential, matrices)
    return [...tensors, secondOrderSource(tensors)]
  },
  gradient: gradientOf,
}
type ProgramFor = (kind: keyof typeof program, inputs: readonly Tree<ArrayValue>[]) => Promise<Compiled>

async function collapseSlabs(task: CollapseTask, programFor: ProgramFor): Promise<void> {
  const { n, box, radii, slabs, potential, collapse, source } = task
  for (const radius of radii) {
    // The filter is exp(-6) in amplitude where modes are cut: exp(-12) of their power.
    const band = radius > 0 ? bandUpTo(n, Math.ceil((Math.sqrt(12) * box) / (2 * Math.PI * radius))) : fullBand(n)
    const modes = restrict(potential, n, band)
    for (const slab of slabs) {
      const matrices = inverseMatrices(n, box, band, cellsOf(n, slab), { orders: 3, radius, scale: -1 })
      const out = await runOn(programFor, radius > 0 ? 'deformation' : 'source', modes, matrices)
      const [from, size] = [slab[0] * n * n, (slab[1] - slab[0]) * n * n]
      const parts = out.map(part => part.subarray(0, size))
      collapseOfCells(parts, collapse, from)
      if (radius === 0) source.set(parts[6], from)
    }
  }
}

async function displaceSlabs(task: DisplaceTask, programFor: ProgramFor): Promise<void> {
  const { n, box, slabs, potential, second, displacement, scales } = task
  for (const [order, grid] of [potential, second].entries()) {
    const modes = restrict(grid, n, fullBand(n))
    for (const slab of slabs) {
      const matrices = inverseMatrices(n, box, fullBand(n), cellsOf(n, slab), { orders: 2, scale: scales[order] })
      const [x, y, z] = await runOn(programFor, 'gradient', modes, matrices)
      const end = slab[1] * n * n
      for (let cell = slab[0] * n * n, i = 0, at = cell * 6 + 3 * order; cell < end; cell++, i++, at += 6) {
        displacement[at] = x[i]
        displacement[at + 1] = y[i]
        displacement[at + 2] = z[i]
      }
    }
  }
}

async function runOn(
  programFor: ProgramFor,
  kind: keyof typeof program,
  modes: ArrayValue,
  matrices: InverseMatrices<ArrayValue>,
): Promise<readonly Float32Array[]> {
  const inputs: Tree<ArrayValue>[] = [modes, { ...matrices }]
  const compiled = await programFor(kind, inputs)
  const out = (await compiled.run(...inputs)) as readonly OrtTensor[]
  return out.map(tensor => toArray(tensor).values as Float32Array)
}

/** A full slab of planes also at the end of the grid, where it wraps around: one program does them all. */
function cellsOf(n: number, [from]: readonly [number, number]): number[] {
  return Array.from({ length: Math.min(planes, n) }, (_, i) => (from + i) % n)
}

/** The modes of a band out of all modes, copied: onnxruntime takes no shared memory. */
export function restrict(modes: Float32Array, n: number, band: Band): ArrayValue {
  const [across, along, half] = [band.across.length, band.along.length, n / 2 + 1]
  const shape = [across, across, 2, along]
  if (along === half) return { shape, values: new Float32Array(modes) }
  const values = new Float32Array(across * across * 2 * along)
  const index = (k: number) => (k < 0 ? k + n : k)
  let at = 0
  for (const ky of band.across)
    for (const kx of band.across)
      for (let part = 0; part < 2; part++) {
        const from = ((index(ky) * n + index(kx)) * 2 + part) * half
        values.set(modes.subarray(from, from + along), at)
        at += along
      }
  return { shape, values }
}
