import { shellsEnd, shellWeight } from '../../../gnn/marks/index.js'

/**
 * The spectrum of a flow without rotation from its correlation between pairs. Along the separation and across it
 * (Gorski 1988) `psi_par(r) = sum_k P(k) / V (j0 - 2 j1 / kr)`, `psi_perp(r) = sum_k P(k) / V j1 / kr`, over the modes
 * of the box; P is not negative, made of hat functions in log k, and what does not correlate at all is white.
 */
export interface FlowSpectrum {
  /** `[nodes]` (Mpc/h)^3 for a flow of unit variance a component */
  readonly power: Float64Array
  readonly white: number
}

/**
 * Wave numbers of the hat functions, h/Mpc; the last falls to 0 at .196, below the Nyquist wave of a mesh with cells of
 * 16 Mpc/h.
 */
const flowNodes: readonly number[] = [0.008, 0.0125, 0.02, 0.03, 0.045, 0.07, 0.1, 0.14]
export const flowCell = 16

/** Correlations in bins of separation, over the variance of a component. */
export interface FlowCorrelation {
  /** Mpc/h */
  readonly radii: readonly number[]
  readonly parallel: ArrayLike<number>
  readonly across: ArrayLike<number>
}

export function fitSpectrum(correlation: FlowCorrelation, box: readonly number[]): FlowSpectrum {
  const { radii, parallel, across } = correlation
  const nodes = flowNodes.length
  const modes = modesOfBox(box)
  const rows: number[][] = []
  const values: number[] = []
  const add = (row: number[], value: number, weight: number) => {
    rows.push(row.map(x => x * weight))
    values.push(value * weight)
  }
  const kernel = (of: (x: number) => number, r: number) =>
    Array.from({ length: nodes }, (_, b) =>
      modes.reduce((sum, { k, count }) => sum + count * shellWeight(flowNodes, b, k) * of(k * r), 0),
    )
  add([...kernel(() => 1 / 3, 0), 1], 1, 10)
  radii.forEach((r, i) => {
    // close pairs are few: their correlation is known to a tenth or two only
    const weight = r < 6 ? 0.15 : r < 10 ? 0.5 : 1
    add([...kernel(x => bessel0(x) - 2 * bessel1Over(x), r), 0], parallel[i], weight)
    add([...kernel(bessel1Over, r), 0], across[i], weight)
  })
  const found = nonNegative(rows, values)
  const variance = kernel(() => 1 / 3, 0).reduce((sum, x, b) => sum + x * found[b], found[nodes])
  return { power: Float64Array.from(found.slice(0, nodes), p => p / variance), white: found[nodes] / variance }
}

/** P at a wave number; tabulated, for it is asked for at every mode of a mesh. */
export function powerAt({ power }: FlowSpectrum): (k: number) => number {
  const bins = 4096
  const end = shellsEnd(flowNodes)
  const table = Float64Array.from({ length: bins + 1 }, (_, i) =>
    power.reduce((sum, p, b) => sum + p * shellWeight(flowNodes, b, Math.max(1e-6, (i / bins) * end)), 0),
  )
  return k => {
    const at = (k / end) * bins
    const bin = Math.floor(at)
    return bin >= bins ? 0 : table[bin] + (at - bin) * (table[bin + 1] - table[bin])
  }
}

/** The modes of a box up to the last wave number, over its volume, gathered by wave number. */
function modesOfBox(box: readonly number[]): { readonly k: number; readonly count: number }[] {
  const most = shellsEnd(flowNodes)
  const unit = box.map(length => (2 * Math.PI) / length)
  const reach = unit.map(u => Math.floor(most / u))
  const width = Math.min(...unit) / 16
  const sums = new Map<number, { k: number; count: number }>()
  for (let x = -reach[0]; x <= reach[0]; x++)
    for (let y = -reach[1]; y <= reach[1]; y++)
      for (let z = 0; z <= reach[2]; z++) {
        const k = Math.hypot(x * unit[0], y * unit[1], z * unit[2])
        if (k === 0 || k > most) continue
        const bin = Math.floor(k / width)
        const held = sums.get(bin) ?? { k: 0, count: 0 }
        const weight = z === 0 ? 1 : 2
        held.k += weight * k
        held.count += weight
        sums.set(bin, held)
      }
  const volume = box.reduce((a, b) => a * b, 1)
  return [...sums.values()].map(({ k, count }) => ({ k: k / count, count: count / volume }))
}

function bessel0(x: number): number {
  return x < 1e-3 ? 1 - (x * x) / 6 : Math.sin(x) / x
}

/** j1(x) / x */
function bessel1Over(x: number): number {
  return x < 0.05 ? 1 / 3 - (x * x) / 30 : (Math.sin(x) / x - Math.cos(x)) / (x * x)
}

/** Least squares with no unknown negative, by coordinate descent on the normal equations. */
function nonNegative(rows: readonly (readonly number[])[], values: readonly number[], sweeps = 3000): Float64Array {
  const n = rows[0].length
  const scale = Array.from({ length: n }, (_, i) => Math.sqrt(rows.reduce((s, row) => s + row[i] ** 2, 0)) || 1)
  const matrix = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_, j) => rows.reduce((s, row) => s + row[i] * row[j], 0) / (scale[i] * scale[j])),
  )
  const right = Array.from({ length: n }, (_, i) => rows.reduce((s, row, r) => s + row[i] * values[r], 0) / scale[i])
  const x = new Float64Array(n)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = 0
    for (let i = 0; i < n; i++) {
      let gradient = right[i]
      for (let j = 0; j < n; j++) gradient -= matrix[i][j] * x[j]
      const next = Math.max(0, x[i] + gradient / (matrix[i][i] + 1e-9))
      moved = Math.max(moved, Math.abs(next - x[i]))
      x[i] = next
    }
    if (moved < 1e-12) break
  }
  return x.map((value, i) => value / scale[i])
}
