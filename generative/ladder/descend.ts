import { type Key, normal } from '../../core/index.js'
import type { Rung } from './rungs.js'

/**
 * One rung for one cloud, in place: `x -= (sigma - to) drift`, then fresh noise. `drift` is the noise expected, in
 * units of sigma.
 */
export function stepDown(x: Float32Array, rung: Rung, drift: Float32Array, key: Key): void {
  const by = rung.sigma - rung.to
  for (let i = 0; i < x.length; i++) x[i] -= by * drift[i]
  if (rung.noise === 0) return
  const fresh = normal(key, x.length)
  for (let i = 0; i < x.length; i++) x[i] += rung.noise * fresh[i]
}

/**
 * Draws a cloud: from `start` (uniform points, where the first rung is all noise) down all rungs.
 *
 * @param drift the noise expected of a cloud `[points, 3]` on a rung
 * @param first the rung to begin with; those above are skipped
 * @param key   rung i draws from `key.split(i)`
 */
export async function descend(
  rungs: readonly Rung[],
  drift: (x: Float32Array, rung: number) => Float32Array | Promise<Float32Array>,
  { start, first = 0 }: { readonly start: Float32Array; readonly first?: number },
  key: Key,
): Promise<{ readonly positions: Float32Array; readonly evaluations: number }> {
  const positions = start.slice()
  for (let i = first; i < rungs.length; i++) stepDown(positions, rungs[i], await drift(positions, i), key.split(i))
  return { positions, evaluations: rungs.length - first }
}
