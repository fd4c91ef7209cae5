import type { Box } from '../core/index.js'
import { uniformPairs } from './correlationFunction.js'
import {
  deleteOneError,
  type Estimate,
  type JackknifeOptions,
  regionSums,
  straddlingWeight,
  withoutRegion,
} from './jackknife.js'
import type { Regions } from './pairSums.js'

/**
 * The correlation function of a single field with its jackknife error, dimensionless. A box with a hole is no longer
 * uniform, so each delete-one estimate is that of Landy and Szalay 1993, (DD - 2 DR + RR) / RR: with DD / RR alone the
 * count of points in the regions would pass for clustering and the error come out several times too large at wide
 * separations. RR is analytic and DR a quadrature over shells around the points, so no random points are drawn. Over
 * the whole box both estimators agree.
 *
 * @param positions `[points, 3]` Mpc/h
 */
export function correlationWithError(positions: Float32Array, box: Box, options: JackknifeOptions = {}): Estimate {
  const { edges, perAxis, regions, sums } = regionSums(positions, box, options)
  const points = regions.of.length
  const expected = uniformPairs(points, box, edges)
  const n = regions.count
  const alpha = straddlingWeight(n)
  const members = new Float64Array(n)
  for (const region of regions.of) members[region]++
  const nodes = shellNodes(edges)
  const shares = shellShares({ positions, box, regions, perAxis, nodes })
  const inside = sameRegionShare(box, perAxis, nodes)
  const allPairs = (points * (points - 1)) / 2
  const uniformLeft = 1 - 1 / n ** 2 - (2 * alpha * (n - 1)) / n ** 2
  const without = Array.from({ length: n }, (_, region) => {
    const m = members[region]
    const [left] = withoutRegion(sums, region)
    const pairsLeft = (allPairs - (m * (m - 1)) / 2 - alpha * m * (points - m)) / allPairs
    const companionsLeft = m * (1 - 1 / n) * (1 - alpha) + (points - m) * (1 - alpha / n)
    // each of dd, dr, rr is 1 where the shell takes its share of what is left
    return left.map((count, bin) => {
      const own = shares.own[region * sums.bins + bin]
      const others = shares.others[region * sums.bins + bin]
      const dd = count / expected[bin] / pairsLeft
      const dr = ((1 - alpha) * (m - own) + (points - m) - alpha * others) / companionsLeft
      const rr = (1 - inside[bin] / n - (2 * alpha * (1 - inside[bin])) / n) / uniformLeft
      return (dd - 2 * dr + rr) / rr
    })
  })
  return { value: sums.total[0].map((count, bin) => count / expected[bin] - 1), error: deleteOneError(without) }
}

/** Points that fill each shell evenly: directions of a spherical Fibonacci lattice at four radii of equal volume. */
function shellNodes(edges: readonly number[]): Float64Array[] {
  const count = 48
  const golden = Math.PI * (3 - Math.sqrt(5))
  return edges.slice(1).map((high, bin) => {
    const nodes = new Float64Array(3 * count)
    for (let at = 0; at < count; at++) {
      const r = Math.cbrt(edges[bin] ** 3 + (((at % 4) + 0.5) / 4) * (high ** 3 - edges[bin] ** 3))
      const z = 1 - (2 * at + 1) / count
      const across = Math.sqrt(1 - z * z)
      nodes.set([r * across * Math.cos(golden * at), r * across * Math.sin(golden * at), r * z], 3 * at)
    }
    return nodes
  })
}

/** For each region and bin, summed over points: the share of a point's shell that lies in the region. */
function shellShares({
  positions,
  box,
  regions,
  perAxis,
  nodes,
}: {
  readonly positions: Float32Array
  readonly box: Box
  readonly regions: Regions
  readonly perAxis: number
  readonly nodes: readonly Float64Array[]
}) {
  const bins = nodes.length
  const own = new Float64Array(regions.count * bins)
  const others = new Float64Array(regions.count * bins)
  const [sx, sy, sz] = box.map(length => perAxis / (length ?? Number.POSITIVE_INFINITY))
  for (let i = 0; i < regions.of.length; i++) {
    // in units of a region, moved up by one box so that a truncation is a floor
    const x = positions[3 * i] * sx + perAxis
    const y = positions[3 * i + 1] * sy + perAxis
    const z = positions[3 * i + 2] * sz + perAxis
    for (let bin = 0; bin < bins; bin++) {
      const shell = nodes[bin]
      for (let at = 0; at < shell.length; at += 3) {
        const cx = ((x + shell[at] * sx) | 0) % perAxis
        const cy = ((y + shell[at + 1] * sy) | 0) % perAxis
        const cz = ((z + shell[at + 2] * sz) | 0) % perAxis
        const region = (cx * perAxis + cy) * perAxis + cz
        const into = region === regions.of[i] ? own : others
        into[region * bins + bin] += 3 / shell.length
      }
    }
  }
  return { own, others }
}

/**
 * For each bin, the share of uniform pairs that lie in one region: the mean of prod(1 - |d_a| / side_a) over the shell.
 */
function sameRegionShare(box: Box, perAxis: number, nodes: readonly Float64Array[]): number[] {
  const sides = box.map(length => (length ?? Number.POSITIVE_INFINITY) / perAxis)
  return nodes.map(shell => {
    let sum = 0
    for (let at = 0; at < shell.length; at += 3)
      sum += sides.reduce((share, side, axis) => share * Math.max(0, 1 - Math.abs(shell[at + axis]) / side), 1)
    return (3 * sum) / shell.length
  })
}
