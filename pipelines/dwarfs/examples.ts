import type { ArrayValue } from '../../core/index.js'
import { knn } from '../../gnn/graph/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { contextFeatures, type SeenDwarf, seeDwarf, starFeatures } from './seenDwarf.js'

/** Stars that a galaxy is padded to, the fewest that fit; few sizes, for each costs a compiled program. */
export const paddedStars: readonly number[] = [32, 64, 96, 128, 160, 256, 512, 1024, 2048, 5120]

/** The padded size of a galaxy of so many stars; beyond the largest, its next power of two. */
export function paddedTo(stars: number): number {
  return paddedStars.find(size => size >= stars) ?? 2 ** Math.ceil(Math.log2(stars))
}

export type Observation<T> = {
  /** `[batch, stars, starFeatures]` */
  readonly features: T
  /** `[batch, stars]` 1 where a star is real */
  readonly mask: T
  /** `[batch, contextFeatures]` */
  readonly context: T
  /** `[batch, stars, k]` int32 and `[batch, stars, k, 2]` in median radii, where the network has a graph */
  readonly senders?: T
  readonly displacements?: T
}

/** Galaxies as one padded batch. @param neighbours  k of the graph, 0 for none */
export function observationOf(dwarfs: readonly Dwarf[], neighbours: number): Observation<ArrayValue> {
  const seen = dwarfs.map(seeDwarf)
  const [batch, stars] = [dwarfs.length, paddedTo(Math.max(...dwarfs.map(dwarf => dwarf.stars)))]
  const features = new Float32Array(batch * stars * starFeatures)
  const mask = new Float32Array(batch * stars)
  const context = new Float32Array(batch * contextFeatures)
  seen.forEach((galaxy, row) => {
    features.set(galaxy.features, row * stars * starFeatures)
    mask.fill(1, row * stars, row * stars + galaxy.stars)
    context.set(galaxy.context, row * contextFeatures)
  })
  return {
    features: { shape: [batch, stars, starFeatures], values: features },
    mask: { shape: [batch, stars], values: mask },
    context: { shape: [batch, contextFeatures], values: context },
    ...(neighbours > 0 ? graphsOf(seen, stars, neighbours) : {}),
  }
}

/** Where a galaxy has fewer than k other stars, its neighbours come again; a padded star is its own. */
function graphsOf(
  seen: readonly SeenDwarf[],
  stars: number,
  k: number,
): Pick<Observation<ArrayValue>, 'senders' | 'displacements'> {
  const senders = new Int32Array(seen.length * stars * k)
  const displacements = new Float32Array(seen.length * stars * k * 2)
  seen.forEach((galaxy, row) => {
    const found = Math.min(k, galaxy.stars - 1)
    const graph = knn(galaxy.positions, [null, null], found)
    for (let i = 0; i < stars; i++) {
      for (let slot = 0; slot < k; slot++) {
        const to = (row * stars + i) * k + slot
        const from = i * found + (slot % found)
        senders[to] = i < galaxy.stars ? graph.senders[from] : i
        if (i >= galaxy.stars) continue
        displacements[2 * to] = graph.displacements[2 * from]
        displacements[2 * to + 1] = graph.displacements[2 * from + 1]
      }
    }
  })
  return {
    senders: { shape: [seen.length, stars, k], values: senders },
    displacements: { shape: [seen.length, stars, k, 2], values: displacements },
  }
}
