import { type SimulationStatistics, type SimulationTable, standardised } from '../../generative/sbi/index.js'
import { fitGroup, type TrainedRegion, type Unusualness, unusualness } from '../answers/trainedRegion.js'
import type { ObservationLayout } from './layout.js'

/** Training rows that a Gaussian is fitted to, and held-out ones that it is asked about, at most. */
const MOST = 5000

/**
 * Where the training observations lie, as one Gaussian in their standardised numbers; of sets in the moments of their
 * channels.
 */
export function regionOf(
  sample: SimulationTable,
  heldOut: SimulationTable,
  statistics: SimulationStatistics,
  layout: ObservationLayout,
): TrainedRegion {
  const rowsOf = ({ rows, x }: SimulationTable) =>
    Array.from({ length: Math.min(rows, MOST) }, (_, row) =>
      seenRow(x.subarray(row * statistics.observations, (row + 1) * statistics.observations), statistics, layout),
    )
  return [fitGroup(0, rowsOf(sample), rowsOf(heldOut))]
}

/** How unusual an observation is among the simulations. */
export function unusualnessOf(
  region: TrainedRegion,
  x: Float32Array,
  statistics: SimulationStatistics,
  layout: ObservationLayout,
): Unusualness {
  return unusualness(region, seenRow(x, statistics, layout), 0)
}

function seenRow(x: Float32Array, statistics: SimulationStatistics, layout: ObservationLayout): Float32Array {
  const values = standardised(statistics, x)
  if (layout.kind === 'vector') return Float32Array.from(values)
  const { features } = layout
  const count = x[0]
  const out = new Float32Array(1 + 2 * features)
  out[0] = Math.log(count + 1)
  for (let f = 0; f < features; f++) {
    let [sum, square] = [0, 0]
    for (let i = 0; i < count; i++) {
      const value = values[1 + i * features + f]
      sum += value
      square += value * value
    }
    const mean = count > 0 ? sum / count : 0
    out[1 + f] = mean
    out[1 + features + f] = count > 0 ? Math.sqrt(Math.max(0, square / count - mean * mean)) : 0
  }
  return out
}
