import { rhat } from './rhat.js'

/**
 * The diagnostics of chains, for draws that are independent: R-hat of four stretches of the draws, one after the other,
 * which agree; as many effective draws as there are; every draw accepted. Where parts of the draws come from different
 * members of an ensemble, the members should take turns: in blocks R-hat would be that of the members.
 *
 * @param theta `[n, width]`, n of 16 or more
 * @returns `rhat` the largest of the columns, NaN where a draw is NaN
 */
export function independentDiagnostics(
  theta: Float64Array,
  width: number,
): { readonly rhat: number; readonly ess: number; readonly acceptance: number } {
  const n = theta.length / width
  const length = Math.floor(n / 4)
  const chains = (column: number) =>
    Array.from({ length: 4 }, (_, c) =>
      Float64Array.from({ length }, (_, i) => theta[(c * length + i) * width + column]),
    )
  const worst = Math.max(...Array.from({ length: width }, (_, column) => rhat(chains(column))))
  return { rhat: worst, ess: n, acceptance: 1 }
}
