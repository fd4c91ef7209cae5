/** log of the mean density of several networks at each draw, from their log-densities. */
export function mixtureLogDensity(logProbs: readonly Float32Array[]): Float32Array {
  if (logProbs.length === 1) return logProbs[0]
  return logProbs[0].map((_, i) => {
    const most = Math.max(...logProbs.map(values => values[i]))
    return most + Math.log(logProbs.reduce((sum, values) => sum + Math.exp(values[i] - most), 0) / logProbs.length)
  })
}
