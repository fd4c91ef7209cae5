import type * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import { makeEvaluator, type Program } from '../../engine/index.js'
import { collapseOfCells } from './collapse.js'
import { type Band, bandUpTo, fullBand, type InverseMatrices, inverseMatrices } from './fourier.js'
import { type FragmentRequest, fragment, type Groups } from './fragment.js'
import { deformation, gradientOf, secondOrderSource, thirdOrderSource } from './lagrangian.js'

/**
 * Planes of x that are transformed together: their products stay in cache, and the sums are the same on any number of
 * threads.
 */
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
  /** `[n, n, 2, n/2 + 1]` modes of a potential, source / k^2 (lagrangian.ts) in (Mpc/h)^2 */
  readonly potential: Float32Array
}

export interface CollapseTask extends GridTask {
  readonly kind: 'collapse'
  /** Gaussian smoothing radii in Mpc/h, the last one 0 */
  readonly radii: readonly number[]
  /** receives 1/b of each cell, the largest over the radii; begins as zeros */
  readonly collapse: Float32Array
  /** xx, yy, zz, xy, xz, yz, each `[n^3]`: receives the deformation of the field as it is */
  readonly deformation: readonly Float32Array[]
  /** `[n^3]` receives the source of the second order */
  readonly source: Float32Array
}

/** `potential` is that of the second order. */
export interface ThirdOrderTask extends GridTask {
  readonly kind: 'third order'
  /** of the first order, as the collapse task left it */
  readonly deformation: readonly Float32Array[]
  /** `[n^3]` receives the source of the third order */
  readonly source: Float32Array
}

export interface DisplaceTask extends GridTask {
  readonly kind: 'displace'
  readonly scale: number
  /** 0, 1 or 2: of first, second or third order */
  readonly order: number
  /** `[n^3, 9]` receives three numbers a cell at `3 order`, the gradient times `scale` */
  readonly displacement: Float32Array
}

/** Halos whose founding cell is in the given planes. */
export interface FragmentTask extends Omit<FragmentRequest, 'planes'> {
  readonly kind: 'fragment'
  readonly slabs: readonly (readonly [number, number])[]
}

export type SlabTask = CollapseTask | ThirdOrderTask | DisplaceTask | FragmentTask

/** Does tasks on slabs with programs that it compiles once and keeps until `release`. */
export interface SlabWork {
  /** Halos of each range of planes for a `FragmentTask`, an empty list for the others. */
  run(task: SlabTask): Promise<readonly Groups[]>
  release(): Promise<void>
}

const programs = {
  deformation,
  'second order': (potential: tf.Tensor, matrices: InverseMatrices<tf.Tensor>) => {
    const parts = deformation(potential, matrices)
    return [...parts, secondOrderSource(parts)]
  },
  'third order': (first: readonly tf.Tensor[], potential: tf.Tensor, matrices: InverseMatrices<tf.Tensor>) => [
    thirdOrderSource(first, deformation(potential, matrices)),
  ],
  gradient: gradientOf,
}
type Run = (kind: keyof typeof programs, ...inputs: Tree<ArrayValue>[]) => Promise<readonly Float32Array[]>

/** @param threads within one product */
export function makeSlabWork(threads: number): SlabWork {
  const evaluators = Object.fromEntries(
    Object.entries<Program>(programs).map(([kind, program]) => [kind, makeEvaluator(program, { threads, name: kind })]),
  )
  const run: Run = async (kind, ...inputs) => {
    const out = (await evaluators[kind].run(...inputs)) as readonly ArrayValue[]
    return out.map(({ values }) => values as Float32Array)
  }
  return {
    run: async task => {
      if (task.kind === 'fragment') return task.slabs.map(planes => fragment({ ...task, planes }))
      if (task.kind === 'collapse') await collapseSlabs(task, run)
      else if (task.kind === 'third order') await thirdOrderSlabs(task, run)
      else await displaceSlabs(task, run)
      return []
    },
    release: async () => {
      for (const evaluator of Object.values(evaluators)) await evaluator.close()
    },
  }
}

async function collapseSlabs(task: CollapseTask, run: Run): Promise<void> {
  const { n, box, radii, potential, collapse, deformation, source } = task
  for (const radius of radii) {
    // The filter is exp(-4.5) in amplitude where modes are cut: exp(-9) of their power.
    const band = radius > 0 ? bandUpTo(n, Math.ceil((3 * box) / (2 * Math.PI * radius))) : fullBand(n)
    const matrices = inverseMatrices({ n, box, band, orders: 3, radius, scale: -1 })
    const modes = restrict(potential, n, band)
    await eachSlab(task, async (cells, from, size) => {
      const out = await run(radius > 0 ? 'deformation' : 'second order', modes, { ...matrices(cells) })
      const parts = out.map(part => part.subarray(0, size))
      collapseOfCells(parts, collapse, from)
      if (radius > 0) return
      deformation.forEach((into, i) => {
        into.set(parts[i], from)
      })
      source.set(parts[6], from)
    })
  }
}

async function thirdOrderSlabs(task: ThirdOrderTask, run: Run): Promise<void> {
  const { n, box, potential, deformation, source } = task
  const band = fullBand(n)
  const matrices = inverseMatrices({ n, box, band, orders: 3, scale: -1 })
  const modes = restrict(potential, n, band)
  await eachSlab(task, async (cells, from, size) => {
    const first = deformation.map(part => {
      const values = new Float32Array(cells.length * n * n)
      values.set(part.subarray(from, from + size))
      return { shape: [cells.length, n, n], values }
    })
    const [out] = await run('third order', first, modes, { ...matrices(cells) })
    source.set(out.subarray(0, size), from)
  })
}

async function displaceSlabs(task: DisplaceTask, run: Run): Promise<void> {
  const { n, box, potential, displacement, scale, order } = task
  const band = fullBand(n)
  const matrices = inverseMatrices({ n, box, band, orders: 2, scale })
  const modes = restrict(potential, n, band)
  await eachSlab(task, async (cells, from, size) => {
    const [x, y, z] = await run('gradient', modes, { ...matrices(cells) })
    for (let i = 0, at = from * 9 + 3 * order; i < size; i++, at += 9) {
      displacement[at] = x[i]
      displacement[at + 1] = y[i]
      displacement[at + 2] = z[i]
    }
  })
}

/**
 * A full slab of planes also at the end of the grid, where it wraps around, so that one program does them all. Only the
 * first `size` of its results count.
 */
async function eachSlab(
  { n, slabs }: GridTask,
  work: (cells: readonly number[], from: number, size: number) => Promise<void>,
): Promise<void> {
  for (const [first, end] of slabs) {
    const cells = Array.from({ length: Math.min(planes, n) }, (_, i) => (first + i) % n)
    await work(cells, first * n * n, (end - first) * n * n)
  }
}

/** The modes of a band out of all modes, copied because ONNX Runtime takes no shared memory. */
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
