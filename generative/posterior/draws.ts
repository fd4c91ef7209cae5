/** Draws of a posterior, whatever made them, and whether to believe them. */
export interface Draws {
  /** `[n, p]` in the order of the prior's names */
  readonly theta: Float64Array
  /** `[n]` nats, up to a constant where the method does not know it */
  readonly logProb: Float64Array
  /** by name: `rhat`, `ess`, `acceptance`, and what the method reports besides */
  readonly diagnostics: Readonly<Record<string, number>>
  /** what speaks against the draws, one sentence each */
  readonly problems: readonly string[]
}
