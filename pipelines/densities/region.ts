import { type Row, type SimulationStatistics, type SimulationTable, standardised } from '../../generative/sbi/index.js'
import { fitGroup, type TrainedRegion } from '../answers/trainedRegion.js'
import type { ObservationForm } from './form.js'

/** Training rows that a Gaussian is fitted to, and held-out ones that it is asked about, at most. */
const most = 5000

/**
 * Where the training observations lie, as one Gaussian in their standardised numbers; of sets in the moments of their
 * channels.
 */
export function regionOf(
  sample: SimulationTable,
  heldOut: SimulationTable,
  statistics: SimulationStatistics,
  form: ObservationForm,
): TrainedRegion {
  const rowsOf = ({ rows, x }: SimulationTable) => {
    const width = x.length / rows
    return Array.from({ length: Math.min(rows, most) }, (_, row) =>
      seenRow(x.subarray(row * width, (row + 1) * width), statistics, form),
    )
  }
  return [fitGroup(0, rowsOf(sample), rowsOf(heldOut))]
}

/** What of an observation is compared with the simulations. */
export function seenRow(x: Row, statistics: SimulationStatistics, form: ObservationForm): Float32Array {
  if (form.kind === 'vector') return Float32Array.from(standardised(statistics, x))
  const { features } = form
  const count = x[0]
  const values = standardised(statistics, x.subarray(1, 1 + count * features))
  const out = new Float32Array(1 + 2 * features)
  out[0] = Math.log(count + 1)
  for (let f = 0; f < features; f++) {
    let [sum, square] = [0, 0]
    for (let i = 0; i < count; i++) {
      const value = values[i * features + f]
      sum += value
      square += value * value
    }
    const mean = count > 0 ? sum / count : 0
    out[1 + f] = mean
    out[1 + features + f] = count > 0 ? Math.sqrt(Math.max(0, square / count - mean * mean)) : 0
  }
  return out
}
