import FFT from 'fft.js'

/** A complex field on a cubic grid `[n, n, n]`, last axis fastest: real and imaginary parts apart. */
export interface ComplexGrid {
  readonly n: number
  readonly re: Float32Array
  readonly im: Float32Array
}

type Direction = 'forward' | 'inverse'
type Buffers = { readonly input: Float64Array; readonly output: Float64Array }

export function complexGrid(n: number): ComplexGrid {
  return { n, re: new Float32Array(n ** 3), im: new Float32Array(n ** 3) }
}

/**
 * Discrete Fourier transform along all three axes, in place. Forward: sum of f exp(-i k x); inverse: with + and divided by n^3.
 * `n` is a power of two (fft.js, radix 4).
 */
export function transform(grid: ComplexGrid, direction: Direction): void {
  const { n } = grid
  const fft = new FFT(n)
  const buffers = { input: new Float64Array(2 * n), output: new Float64Array(2 * n) }
  for (const stride of [1, n, n * n]) {
    for (let line = 0; line < n * n; line++) transformLine(fft, grid, lineStart(line, stride, n), stride, direction, buffers)
  }
}

/** First index of the line-th line along the axis with this stride. */
function lineStart(line: number, stride: number, n: number): number {
  return Math.floor(line / stride) * stride * n + (line % stride)
}

function transformLine(
  fft: FFT,
  grid: ComplexGrid,
  start: number,
  stride: number,
  direction: Direction,
  buffers: Buffers,
): void {
  const { n, re, im } = grid
  const { input, output } = buffers
  for (let i = 0, at = start; i < n; i++, at += stride) {
    input[2 * i] = re[at]
    input[2 * i + 1] = im[at]
  }
  if (direction === 'forward') fft.transform(output, input)
  else fft.inverseTransform(output, input)
  for (let i = 0, at = start; i < n; i++, at += stride) {
    re[at] = output[2 * i]
    im[at] = output[2 * i + 1]
  }
}

/** Wave number of each index along an axis, in 2 pi / length: 0, 1, … n/2 - 1, -n/2, … -1. */
export function waveNumbers(n: number, length: number): Float64Array {
  const fundamental = (2 * Math.PI) / length
  return Float64Array.from({ length: n }, (_, i) => fundamental * (i < n / 2 ? i : i - n))
}
