import { logSumExp } from '../logSumExp.js'
import type { Approximation } from './approximation.js'
import { type Gaussian, gaussian } from './gaussian.js'

/** Share of the draws that are of the wider part, and its width in deviations of the fit. */
const wideShare = 0.3
const wideFactor = 1.8

/**
 * A Gaussian to reweigh from: seven of ten draws are its own, the others of one 1.8 times as wide about the same mean.
 * The largest evidence bound lets a fit be too narrow where the target is not a Gaussian (Turner and Sahani 2011), and
 * weights of draws from it alone are few and large; with a wider part they are bounded as far as that reaches
 * (defensive mixtures, Hesterberg 1995, doi:10.1080/00401706.1995.10484303).
 */
export function defensive(fit: Gaussian): Approximation {
  const { dim } = fit
  const wide = gaussian(
    fit.mean,
    fit.lower.map(l => wideFactor * l),
  )
  async function logProb(rows: Float64Array): Promise<Float64Array> {
    const [own, wider] = [await fit.logProb(rows), await wide.logProb(rows)]
    return own.map((log, i) =>
      logSumExp(Float64Array.of(Math.log(1 - wideShare) + log, Math.log(wideShare) + wider[i])),
    )
  }
  return {
    dim,
    logProb,
    async draw(n, key) {
      const own = Math.round((1 - wideShare) * n)
      const rows = new Float64Array(n * dim)
      rows.set((await fit.draw(own, key.split('own'))).rows)
      rows.set((await wide.draw(n - own, key.split('wide'))).rows, own * dim)
      return { rows, logProb: await logProb(rows) }
    },
  }
}
