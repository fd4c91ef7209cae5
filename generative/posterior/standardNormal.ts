const logRootTwoPi = Math.log(2 * Math.PI) / 2

/** Log-density of a standard normal number, nats. */
export function logStandardNormal(z: number): number {
  return -(z * z) / 2 - logRootTwoPi
}

/**
 * log N(z; 0, I) of row `row` of `z`, `[n, dim]`, nats: the squares are summed first. It differs from `logNormalRows`
 * by rounding alone; both are kept because each has made draws that ship, which must stay the same to the byte.
 */
export function logNormalRow(z: Float64Array, row: number, dim: number): number {
  let square = 0
  for (let i = row * dim; i < (row + 1) * dim; i++) square += z[i] * z[i]
  return -0.5 * square - dim * logRootTwoPi
}

/** log N(z; 0, I) of each row, `[n]` nats: the sum of the coordinates' log-densities. */
export function logNormalRows(z: Float64Array, dim: number): Float64Array {
  const out = new Float64Array(z.length / dim)
  for (let at = 0; at < z.length; at++) out[Math.floor(at / dim)] += logStandardNormal(z[at])
  return out
}

/** The share of standard normal numbers below `x`. */
export function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2
  const upper = complementaryError(z) / 2
  return x > 0 ? 1 - upper : upper
}

/** erfc for z >= 0 by a continued fraction beyond 2 and a power series before, to 1e-14. */
export function complementaryError(z: number): number {
  if (z < 2) {
    // 2/sqrt(pi) e^(-z^2) sum (2 z^2)^n z / (1 3 5 …)
    let term = z
    let sum = z
    for (let n = 1; n < 200 && term > 1e-17 * sum; n++) {
      term *= (2 * z * z) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum
  }
  let fraction = 0
  for (let n = 120; n >= 1; n--) fraction = n / 2 / (z + fraction)
  return Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction)
}

/**
 * The standard normal number below which a share `p` lies, to about 1e-15: Wichura 1988, "The percentage points of the
 * normal distribution", algorithm AS 241 (PPND16), ratios of polynomials in the middle, the tails and the far tails.
 */
export function normalInverseCdf(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN
  const centred = p - 0.5
  if (Math.abs(centred) <= 0.425) return centred * ratio(middle, 0.180625 - centred * centred)
  const r = Math.sqrt(-Math.log(centred < 0 ? p : 1 - p))
  const z = r <= 5 ? ratio(tail, r - 1.6) : ratio(farTail, r - 5)
  return centred < 0 ? -z : z
}

/** Coefficients of numerator and denominator, constant first. */
type Ratio = readonly [readonly number[], readonly number[]]

const middle: Ratio = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
]

const tail: Ratio = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
]

const farTail: Ratio = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
]

function ratio([top, bottom]: Ratio, r: number): number {
  let numerator = 0
  let denominator = 0
  for (let i = 7; i >= 0; i--) {
    numerator = numerator * r + top[i]
    denominator = denominator * r + bottom[i]
  }
  return numerator / denominator
}
