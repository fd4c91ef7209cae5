import type { JudgedCurve } from './againstScatter.js'

/** The targets for the mean two-point function; separations in Mpc/h. */
export const correlationTarget = {
  oneSigma: { from: 2, to: 150 },
  share: { from: 8, to: 50, share: 0.1, standardErrors: 2 },
} as const

/** One bin of separation. */
export interface CorrelationBin {
  readonly from: number
  readonly to: number
  readonly drawn: number
  readonly simulated: number
  readonly ratio: number
  /** of one simulated field */
  readonly scatter: number
  /** of drawn minus simulated */
  readonly standard_error: number
  /** the means differ by no more than one field's scatter */
  readonly within_one_sigma?: boolean
  /** they differ by no more than the larger of 10% and two standard errors of the difference */
  readonly within_ten_percent?: boolean
}

/** Verdicts hold in every bin of their range, and are absent where no bin lies in it. */
export interface CorrelationTest {
  readonly bins: readonly CorrelationBin[]
  readonly within_one_sigma?: boolean
  readonly within_ten_percent?: boolean
}

/**
 * Judges the mean xi of drawn fields: within one field's scatter from 2 to 150 Mpc/h, and from 8 to 50 Mpc/h within 10%
 * or what the noise of both means allows. A bin without scatter or error is not met: nothing was shown.
 */
export function correlationTest(xi: JudgedCurve): CorrelationTest {
  const { oneSigma, share } = correlationTarget
  const bins = xi.value.map((drawn, bin): CorrelationBin => {
    const [from, to] = [xi.x[bin], xi.x[bin + 1]]
    const simulated = xi.reference[bin]
    const scatter = xi.reference_scatter[bin]
    const standard_error = xi.difference_error[bin]
    const gap = Math.abs(drawn - simulated)
    const noise = Number.isFinite(standard_error) ? share.standardErrors * standard_error : 0
    return {
      from,
      to,
      drawn,
      simulated,
      ratio: drawn / simulated,
      scatter,
      standard_error,
      ...(from >= oneSigma.from && to <= oneSigma.to && { within_one_sigma: gap <= scatter }),
      ...(from >= share.from &&
        to <= share.to && { within_ten_percent: gap <= Math.max(share.share * Math.abs(simulated), noise) }),
    }
  })
  const all = (name: 'within_one_sigma' | 'within_ten_percent') => {
    const judged = bins.flatMap(bin => bin[name] ?? [])
    return judged.length === 0 ? {} : { [name]: judged.every(met => met) }
  }
  return { bins, ...all('within_one_sigma'), ...all('within_ten_percent') }
}
