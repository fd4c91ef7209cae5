/**
 * Autocorrelation at lags 0 … `lags`, averaged over chains, each about its own mean (biased, as is usual): `[lags +
 * 1]`, the first 1. A chain that does not move counts as correlated fully.
 *
 * @param chains one number a step, all of one length
 */
export function autocorrelation(chains: readonly Float64Array[], lags: number): Float64Array {
  const out = new Float64Array(lags + 1)
  for (const chain of chains) {
    const mean = chain.reduce((sum, x) => sum + x, 0) / chain.length
    const centred = chain.map(x => x - mean)
    const square = centred.reduce((sum, x) => sum + x * x, 0)
    for (let lag = 0; lag <= lags; lag++) {
      let sum = 0
      for (let i = lag; i < chain.length; i++) sum += centred[i] * centred[i - lag]
      out[lag] += (square > 0 ? sum / square : 1) / chains.length
    }
  }
  return out
}
