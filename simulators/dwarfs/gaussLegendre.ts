/**
 * Nodes and weights of Gauss and Legendre's rule on [-1, 1], by Newton's method on the recurrence (Press et al.,
 * section 4.6).
 */
export function gaussLegendre(n: number): { readonly nodes: Float64Array; readonly weights: Float64Array } {
  const nodes = new Float64Array(n)
  const weights = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    let slope = 1
    for (let step = 0; step < 100; step++) {
      let before = 1
      let p = x
      for (let k = 2; k <= n; k++) {
        const next = ((2 * k - 1) * x * p - (k - 1) * before) / k
        before = p
        p = next
      }
      slope = (n * (x * p - before)) / (x * x - 1)
      const change = p / slope
      x -= change
      if (Math.abs(change) < 1e-15) break
    }
    nodes[i] = x
    weights[i] = 2 / ((1 - x * x) * slope * slope)
  }
  return { nodes, weights }
}
