/** Whether to believe a run, in words. */
export interface Verdict {
  /** no problem was found; that none was found is no proof */
  readonly trusted: boolean
  /** what is wrong and what to do, one sentence each */
  readonly problems: readonly string[]
  /** all of it in one line */
  readonly verdict: string
}

/**
 * @param what    is judged: "these chains"
 * @param numbers that are reported where nothing is wrong
 */
export function verdictOn(what: string, numbers: string, problems: readonly string[]): Verdict {
  const trusted = problems.length === 0
  return {
    trusted,
    problems,
    verdict: trusted ? `nothing speaks against ${what}: ${numbers}` : `do not believe ${what}: ${problems.join('; ')}`,
  }
}
