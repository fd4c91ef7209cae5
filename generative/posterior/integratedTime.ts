/**
 * The integrated autocorrelation time in steps, 1 + 2 sum of the autocorrelation averaged over chains, up to the first
 * lag that is more than `window` times the sum so far (Sokal 1997; Goodman and Weare 2010, section 5.3; emcee's
 * `integrated_time`). Too small where chains are shorter than 50 of it.
 *
 * @param chains one number a step, all of one length
 */
export function integratedTime(chains: readonly Float64Array[], window = 5): number {
  const length = chains[0].length
  const centred = chains.map(chain => {
    const mean = chain.reduce((sum, x) => sum + x, 0) / length
    return chain.map(x => x - mean)
  })
  const variances = centred.map(chain => chain.reduce((sum, x) => sum + x * x, 0))
  let time = 1
  for (let lag = 1; lag < length; lag++) {
    let correlation = 0
    for (const [c, chain] of centred.entries()) {
      if (variances[c] === 0) continue
      let sum = 0
      for (let i = lag; i < length; i++) sum += chain[i] * chain[i - lag]
      correlation += sum / variances[c]
    }
    time += (2 * correlation) / chains.length
    if (lag >= window * time) return time
  }
  return time
}
