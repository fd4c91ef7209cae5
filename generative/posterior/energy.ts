import type { Chains } from './chains.js'

/**
 * The energy's Bayesian fraction of missing information of every chain, `[chains]`: how far the energy moves in one
 * step against how far it spreads (Betancourt 2016, arXiv 1604.00695, eq. 3). Below 0.3 a draw's momentum cannot reach
 * all levels of energy: tails are explored slowly.
 *
 * @returns nothing for a sampler without energies
 */
export function energyFractions({ chains, length, trajectories }: Chains): Float64Array | undefined {
  if (!trajectories) return undefined
  return Float64Array.from({ length: chains }, (_, chain) => {
    const energy = Float64Array.from({ length }, (_, step) => trajectories.energy[step * chains + chain])
    const mean = energy.reduce((sum, e) => sum + e, 0) / length
    let moved = 0
    let spread = 0
    for (let i = 0; i < length; i++) {
      if (i > 0) moved += (energy[i] - energy[i - 1]) ** 2
      spread += (energy[i] - mean) ** 2
    }
    return moved / spread
  })
}
