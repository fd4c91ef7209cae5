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
 * The standard normal number below which a share `p` lies, to about 1e-15: Wichura 1988, "The percentage points of the normal distribution", algorithm
 * AS 241 (PPND16), ratios of polynomials in the middle, the tails and the far tails.
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
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
    67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
    28729.085735721942674, 5226.495278852854561,
  ],
]

const tail: Ratio = [
  [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
    2.4178072517745061177e-1, 2.27238449892691845833e-2, 7.7454501427834140764e-4,
  ],
  [
    1, 2.05319162663775882187, 1.6763848301838038494, 6.8976733498510000455e-1, 1.4810397642748007459e-1,
    1.51986665636164571966e-2, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
]

const farTail: Ratio = [
  [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 2.9656057182850489123e-1, 2.6532189526576123093e-2,
    1.2426609473880784386e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  [
    1, 5.9983220655588793769e-1, 1.3692988092273580531e-1, 1.48753612908506148525e-2, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
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
