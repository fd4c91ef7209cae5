import { UsageError } from '../../core/index.js'

/** A complex mesh `[side, side, side]`, z fastest. */
export interface ComplexMesh {
  readonly side: number
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

/** A mesh of zeros, for modes or for points. */
export function emptyMesh(side: number): ComplexMesh {
  if (side < 2 || (side & (side - 1)) !== 0)
    throw new UsageError('expected a mesh of a power of two a side', `got ${side}`, 'use 32, 64 or 128')
  return { side, real: new Float64Array(side ** 3), imaginary: new Float64Array(side ** 3) }
}

/**
 * The sum over modes at each point of the mesh, f(x) = sum_n F_n exp(+2 pi i n . x / side), in place: along one axis after the
 * other, radix two with decimation in time (Cooley and Tukey 1965). Without a factor 1 / side^3. Mode n < 0 lies at side + n.
 */
export function sumModes(mesh: ComplexMesh): void {
  const { side } = mesh
  const plan = planOf(side)
  const line = { re: new Float64Array(side), im: new Float64Array(side) }
  for (const stride of [1, side, side * side]) {
    for (let a = 0; a < side; a++)
      for (let b = 0; b < side; b++) {
        const start = stride === 1 ? (a * side + b) * side : stride === side ? a * side * side + b : a * side + b
        transformLine(mesh, start, stride, line, plan)
      }
  }
}

interface Plan {
  readonly reversed: Int32Array
  readonly cosines: Float64Array
  readonly sines: Float64Array
}

function planOf(side: number): Plan {
  const bits = Math.log2(side)
  const reversed = Int32Array.from({ length: side }, (_, i) => {
    let out = 0
    for (let bit = 0; bit < bits; bit++) if (i & (1 << bit)) out |= 1 << (bits - 1 - bit)
    return out
  })
  const angle = (i: number) => (2 * Math.PI * i) / side
  return {
    reversed,
    cosines: Float64Array.from({ length: side / 2 }, (_, i) => Math.cos(angle(i))),
    sines: Float64Array.from({ length: side / 2 }, (_, i) => Math.sin(angle(i))),
  }
}

/** One line of the mesh: gathered in bit-reversed order, so that the butterflies run over near memory, and put back. */
function transformLine(
  { side, real, imaginary }: ComplexMesh,
  start: number,
  stride: number,
  { re, im }: { readonly re: Float64Array; readonly im: Float64Array },
  { reversed, cosines, sines }: Plan,
): void {
  let any = false
  for (let i = 0; i < side; i++) {
    const at = start + stride * reversed[i]
    re[i] = real[at]
    im[i] = imaginary[at]
    any ||= re[i] !== 0 || im[i] !== 0
  }
  // A shell of modes leaves most lines empty.
  if (!any) return
  for (let half = 1; half < side; half *= 2) {
    const step = side / (2 * half)
    for (let block = 0; block < side; block += 2 * half) {
      for (let i = 0; i < half; i++) {
        const c = cosines[i * step]
        const s = sines[i * step]
        const up = block + i
        const down = up + half
        const tr = c * re[down] - s * im[down]
        const ti = c * im[down] + s * re[down]
        re[down] = re[up] - tr
        im[down] = im[up] - ti
        re[up] += tr
        im[up] += ti
      }
    }
  }
  for (let i = 0; i < side; i++) {
    const at = start + stride * i
    real[at] = re[i]
    imaginary[at] = im[i]
  }
}
