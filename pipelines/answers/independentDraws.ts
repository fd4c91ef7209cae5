import { rhat } from '../../generative/posterior/index.js'

/**
 * What samplers tell of chains, told of draws that do not know of one another: as four chains, one after the other,
 * they tell R-hat 1, and are worth their number.
 *
 * @param theta `[n, width]`
 */
export function independentDiagnostics(
  theta: Float64Array,
  width: number,
): { rhat: number; ess: number; acceptance: number } {
  const n = theta.length / width
  const length = Math.floor(n / 4)
  const chains = (parameter: number) =>
    Array.from({ length: 4 }, (_, c) =>
      Float64Array.from({ length }, (_, i) => theta[(c * length + i) * width + parameter]),
    )
  const worst = Math.max(...Array.from({ length: width }, (_, parameter) => rhat(chains(parameter))))
  return { rhat: worst, ess: n, acceptance: 1 }
}
